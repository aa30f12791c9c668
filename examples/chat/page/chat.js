"use strict";

const believed = 30_000; // how long the list of people of one process counts without a new one
const groupedFor = 5 * 60_000; // messages of one person within this time stand together
const keptEntries = 300; // of a room, in the page
const typingEvery = 2_500;

const element = (id) => document.getElementById(id);
const log = element("log");
const entries = element("entries");
const text = element("text");

let room = "";
let name = "";
let source; // the EventSource of the room
let again; // the timer that opens it again after a refusal
let lastID = ""; // of the last event that had one
let reloaded = false; // the history is loaded because events were lost
let seen = new Set(); // the IDs of the entries that are shown
let processes = new Map(); // who is there: process -> { names, heard }
let writers = new Map(); // who types: name -> timer
let toldTyping = 0; // when the room was told that we type
let unread = 0;
let atEnd = true; // the newest entry is in view

// The stream

// connect opens the stream of the room. With an ID it goes on where the last one
// ended; without, it begins with the history.
function connect(after = "") {
  source?.close();
  clearTimeout(again);
  const query = new URLSearchParams({ name });
  if (after) query.set("lastEventId", after);
  source = new EventSource(`/rooms/${encodeURIComponent(room)}/events?${query}`);
  source.onopen = () => showState("online");
  source.onerror = () => {
    showState(navigator.onLine ? "reconnecting" : "offline");
    // An EventSource comes back by itself, but not after an answer that is no stream, such as that of a proxy whose
    // server is away.
    if (source.readyState !== EventSource.CLOSED) return;
    again = setTimeout(() => connect(lastID), 3_000);
    explain(source.url);
  };
  source.onmessage = (event) => {
    lastID = event.lastEventId;
    add(JSON.parse(event.data));
  };
  source.addEventListener("history", (event) => showHistory(JSON.parse(event.data)));
  source.addEventListener("people", (event) => {
    const list = JSON.parse(event.data);
    processes.set(list.process, { names: list.names, heard: Date.now() });
    showPeople();
  });
  source.addEventListener("typing", (event) => showTyping(JSON.parse(event.data)));
  source.addEventListener("missed", () => { // the hub does not have all that we have missed
    reloaded = true;
    connect();
  });
}

// explain shows why a stream is refused, which an EventSource keeps to itself.
async function explain(url) {
  const asked = new AbortController();
  try {
    const response = await fetch(url, { signal: asked.signal });
    if (!response.ok) showError(`The server refuses the stream: ${await problemOf(response)}.`);
  } catch { /* the state of the stream tells */ }
  asked.abort();
}

function enter(newRoom, newName) {
  room = newRoom;
  name = newName;
  lastID = "";
  processes.clear();
  for (const timer of writers.values()) clearTimeout(timer);
  writers.clear();
  localStorage.setItem("name", name);
  location.hash = encodeURIComponent(room);
  element("me").textContent = name;
  element("title").textContent = `# ${room}`;
  unread = 0;
  showTitle();
  showHistory([]);
  log.setAttribute("aria-busy", "true");
  showPeople();
  showWriters();
  showError("");
  showSide(false);
  showState("connecting");
  connect();
  loadRooms();
}

// What is shown

function showState(state) {
  if (element("state").dataset.state === state) return;
  element("state").dataset.state = state;
  element("state").textContent = state;
}

function showError(message) {
  element("error").textContent = message;
}

function showTitle() {
  document.title = `${unread > 0 ? `(${unread}) ` : ""}# ${room} · Chitor chat`;
}

function showHistory(history) {
  log.setAttribute("aria-busy", "true"); // nobody wants all of it read aloud
  entries.replaceChildren();
  seen = new Set();
  for (const entry of history) add(entry, false);
  if (reloaded) note("You were away for too long: this is the history as it is now.", "warning");
  reloaded = false;
  log.removeAttribute("aria-busy");
  scrollDown();
}

// add shows an entry, unless it is there: the history and the stream overlap.
function add(entry, isNew = true) {
  if (seen.has(entry.id)) return;
  seen.add(entry.id);
  const wasAtEnd = atEnd;
  const isMine = entry.name === name;
  showDay(entry);
  if (entry.kind === "message") {
    entries.append(said(entry, isMine));
    if (isNew) isTyping(entry.name, false);
    if (isNew && document.hidden) unread++;
  } else {
    note(`${entry.name} ${entry.kind}`);
  }
  while (entries.childElementCount > keptEntries) entries.firstElementChild.remove();
  if (!isNew) return;
  showTitle();
  if (wasAtEnd || isMine) scrollDown();
  else element("newest").hidden = false;
}

// said returns the element of a message. What came over the network becomes text
// and never HTML.
function said(entry, isMine) {
  const item = element("said").content.cloneNode(true).firstElementChild;
  const at = new Date(entry.at);
  const before = entries.lastElementChild;
  const together = before?.dataset.name === entry.name && at - new Date(before.dataset.at) < groupedFor;
  item.classList.toggle("mine", isMine);
  item.classList.toggle("more", together);
  Object.assign(item.dataset, { name: entry.name, at: entry.at });
  item.style.setProperty("--hue", hue(entry.name));
  item.querySelector(".face").textContent = initial(entry.name);
  item.querySelector("b").textContent = isMine ? "You" : entry.name;
  item.querySelector("time").textContent = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  item.querySelector("time").dateTime = entry.at;
  item.querySelector(".text").textContent = entry.text;
  item.querySelector(".text").title = at.toLocaleString();
  return item;
}

function note(message, kind = "note") {
  const item = document.createElement("li");
  item.className = `note ${kind}`;
  item.textContent = message;
  entries.append(item);
}

function showDay(entry) {
  const day = new Date(entry.at).toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
  const today = new Date().toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
  const before = entries.querySelectorAll(".day");
  if (day === (before.length > 0 ? before[before.length - 1].dataset.day : today)) return;
  const item = document.createElement("li");
  item.className = "day";
  item.dataset.day = day;
  item.textContent = day === today ? "Today" : day;
  entries.append(item);
}

function scrollDown() {
  log.scrollTop = log.scrollHeight;
  element("newest").hidden = true;
}

// showPeople shows who is there. Each process tells who is there by its streams;
// one that has not told for a while is gone.
function showPeople() {
  const names = new Set();
  for (const [process, list] of processes) {
    if (Date.now() - list.heard > believed) processes.delete(process);
    else for (const each of list.names) names.add(each);
  }
  element("people-title").textContent = names.size > 0 ? `Here now: ${names.size}` : "Here now";
  element("people").replaceChildren(...[...names].sort((a, b) => a.localeCompare(b)).map((each) => {
    const item = document.createElement("li");
    const face = document.createElement("span");
    face.className = "face";
    face.textContent = initial(each);
    face.style.setProperty("--hue", hue(each));
    face.ariaHidden = "true";
    item.append(face, Object.assign(document.createElement("span"), { textContent: each }));
    if (each === name) item.append(Object.assign(document.createElement("small"), { textContent: "you" }));
    return item;
  }));
}

function isTyping(who, does) {
  clearTimeout(writers.get(who));
  writers.delete(who);
  if (does) writers.set(who, setTimeout(isTyping, 2 * typingEvery, who, false));
  showWriters();
}

function showTyping(who) {
  if (who !== name) isTyping(who, true);
}

function showWriters() {
  const who = [...writers.keys()];
  element("typing").textContent = who.length === 0 ? "" : who.length === 1 ? `${who[0]} is writing …`
    : who.length === 2 ? `${who[0]} and ${who[1]} are writing …` : "Several people are writing …";
}

function hue(who) {
  let sum = 0;
  for (const character of who) sum = (sum * 31 + character.codePointAt(0)) % 9973;
  return (sum * 137) % 360; // about the golden angle, which keeps neighbours apart
}

function initial(who) {
  return [...who][0].toLocaleUpperCase();
}

// Rooms

async function loadRooms() {
  try {
    const response = await fetch("/rooms");
    if (response.ok) showRooms(await response.json());
  } catch { /* the state of the stream tells */ }
}

function showRooms(rooms) {
  const all = [...new Set(["lobby", room, ...rooms])].sort((a, b) => a.localeCompare(b));
  element("rooms").replaceChildren(...all.map((each) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = `#${encodeURIComponent(each)}`;
    link.textContent = each;
    if (each === room) link.ariaCurrent = "page";
    item.append(link);
    return item;
  }));
}

const roomOf = (hash) => {
  try {
    return roomLike(decodeURIComponent(hash.slice(1)));
  } catch {
    return "";
  }
};
const roomLike = (written) => [...written.toLowerCase().replace(/[^\p{L}\p{Nd}]+/gu, "-").replace(/^-|-$/g, "")].slice(0, 24).join("");

// Forms

async function post(what, body) {
  const response = await fetch(`/rooms/${encodeURIComponent(room)}/${what}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await problemOf(response));
}

async function problemOf(response) {
  const problem = await response.json().catch(() => ({}));
  return problem.error ?? `it says ${response.status}`;
}

// A message is taken out when it is sent. When the answer comes, its writer may
// be at the next one, or somewhere else: the stream is often faster.
element("composer").onsubmit = async (event) => {
  event.preventDefault();
  const message = text.value.trim();
  if (!message) return;
  text.value = "";
  text.focus();
  toldTyping = 0; // the message has ended it
  grow();
  showError("");
  try {
    await post("messages", { name, text: message });
  } catch (error) {
    const why = error instanceof TypeError ? "the server cannot be reached" : error.message;
    showError(`Not sent: ${why}.`);
    text.value = text.value.trim() ? `${message}\n${text.value}` : message; // to be sent again
    grow();
  }
};

text.onkeydown = (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  element("composer").requestSubmit();
};

text.oninput = () => {
  grow();
  if (text.value.trim() === "" || Date.now() - toldTyping < typingEvery) return;
  toldTyping = Date.now();
  post("typing", { name }).catch(() => {}); // nobody needs it
};

function grow() {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + 2}px`;
  const left = text.maxLength - text.value.length;
  element("room-left").textContent = left < 200 ? `${left} left` : "";
}

element("open-room").onsubmit = (event) => {
  event.preventDefault();
  const wanted = roomLike(element("new-room").value);
  element("new-room").value = "";
  if (wanted) location.hash = encodeURIComponent(wanted);
};

element("enter").onsubmit = (event) => {
  event.preventDefault();
  const wantedName = element("name").value.trim();
  const wantedRoom = roomLike(element("room").value);
  if (!wantedName || !wantedRoom) {
    element("welcome-error").textContent = wantedName ? "The room needs letters or digits." : "Take a name.";
    return;
  }
  element("welcome").close();
  enter(wantedRoom, wantedName);
  text.focus();
};
element("welcome").oncancel = (event) => {
  if (!name) event.preventDefault(); // without a name there is nothing to see
};

function welcome() {
  element("name").value = name || localStorage.getItem("name") || "";
  element("room").value = room || roomOf(location.hash) || "lobby";
  element("welcome-error").textContent = "";
  element("welcome").showModal();
  element("name").select();
}

function showSide(shown) {
  element("side").classList.toggle("shown", shown);
  element("show-side").ariaExpanded = String(shown);
  if (shown) loadRooms();
}

element("rename").onclick = welcome;
element("show-side").onclick = () => showSide(!element("side").classList.contains("shown"));
element("newest").onclick = scrollDown;
log.onscroll = () => {
  atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  if (atEnd) element("newest").hidden = true;
};
new ResizeObserver(() => {
  if (atEnd) scrollDown();
}).observe(log);
document.querySelector("main").onclick = () => showSide(false);
document.onkeydown = (event) => {
  if (event.key === "Escape") showSide(false);
};
document.onvisibilitychange = () => {
  if (document.hidden) return;
  unread = 0;
  showTitle();
};
window.onhashchange = () => {
  const wanted = roomOf(location.hash);
  if (name && wanted && wanted !== room) enter(wanted, name);
};
window.onoffline = () => showState("offline");
setInterval(() => {
  if (!name || document.hidden) return;
  showPeople();
  loadRooms();
}, 15_000);

welcome();
