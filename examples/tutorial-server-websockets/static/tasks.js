// Shows tasks as they arrive, and sends those of the form, if the page has one.

const body = document.getElementById("tasks");
const form = document.getElementById("new");

function connect(path) {
  const address = new URL(path, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address);
  socket.onmessage = (event) => add(JSON.parse(event.data));
  socket.onclose = (event) => {
    document.getElementById("end").textContent = `Closed: ${event.code} ${event.reason}`;
  };
  return socket;
}

function add(task) {
  const row = body.insertRow();
  for (const text of [task.name, task.description, task.priority]) row.insertCell().textContent = text;
}

if (form) {
  const socket = connect("/tasks2");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    socket.send(JSON.stringify(Object.fromEntries(new FormData(form))));
    form.reset();
  });
} else {
  document.getElementById("view").addEventListener("click", () => {
    body.replaceChildren();
    connect("/tasks");
  });
}
