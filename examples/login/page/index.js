// Shows the stream of the account. The server says by its last event why it ends,
// and then there is no use in coming back.
const state = document.getElementById("state");
const source = new EventSource("/events");

source.onopen = () => { state.value = "open"; };
source.onerror = () => {
  state.value = source.readyState === EventSource.CLOSED ? "refused" : "connecting";
  if (source.readyState === EventSource.CLOSED) leave("expired"); // 401
};
source.addEventListener("hello", (event) => { document.getElementById("name").textContent = event.data; });
source.addEventListener("login", (event) => {
  const entry = document.createElement("li");
  entry.textContent = event.data;
  document.getElementById("events").append(entry);
});
document.forms[0].addEventListener("submit", () => source.close()); // the answer leaves the page
for (const end of ["logged-out", "expired"]) source.addEventListener(end, () => leave(end));

function leave(why) {
  source.close();
  location.assign(`/login?why=${why}`);
}
