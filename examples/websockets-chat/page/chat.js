// Connects, shows what comes, and connects again five seconds after an end.

const messages = document.getElementById("messages");
const state = document.getElementById("state");
const command = document.getElementById("command");
const pause = 5000;
let socket;

function show(text, note) {
  const line = document.createElement("p");
  line.className = note ? "message note" : "message";
  const said = /^\[([^\]]*)\] ([^]*)$/.exec(text);
  if (said && !note) {
    if (said[1].startsWith("server")) line.classList.add("note");
    const from = document.createElement("span");
    from.className = "from";
    from.textContent = said[1];
    line.append(from, said[2]);
  } else {
    line.textContent = text;
  }
  messages.append(line);
  messages.scrollTop = messages.scrollHeight;
}

function become(name) {
  state.dataset.state = name;
  state.textContent = name;
}

function connect() {
  const address = new URL("ws", location.href);
  address.protocol = address.protocol.replace("http", "ws");
  address.hash = "";
  become("connecting");
  socket = new WebSocket(address);
  socket.onopen = () => {
    messages.replaceChildren(); // what was said last comes again
    become("connected");
  };
  socket.onmessage = (event) => show(event.data, false);
  socket.onclose = (event) => {
    if (state.dataset.state === "connected") show(`Disconnected (${event.code}).`, true);
    become("disconnected");
    setTimeout(connect, pause);
  };
}

document.getElementById("form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (command.value === "" || socket.readyState !== WebSocket.OPEN) return;
  socket.send(command.value);
  command.value = "";
});

connect();
