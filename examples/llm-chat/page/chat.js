// The page: a conversation, a question on its way, and the answer as it comes.
// What a model says is text, and is never read as HTML.

import { events } from "./stream.js";

const maxMessages = 20; // that the model is sent; the server takes no more
const maxCharacters = 8000; // of a message
const maxTurns = 100; // that the page shows

const [scroll, log, start, form, question, send, stop, state] =
  ["scroll", "log", "start", "form", "question", "send", "stop", "state"].map((id) => document.getElementById(id));

let messages = []; // what both have said, oldest first
let asking; // the AbortController of the question that is on its way

function show(role, text) {
  const article = document.getElementById("turn").content.cloneNode(true).firstElementChild;
  article.className = role;
  article.querySelector("h2").textContent = role === "user" ? "You" : "Model";
  article.querySelector(".text").textContent = text;
  start.hidden = true;
  log.append(article);
  while (log.childElementCount > maxTurns) log.firstElementChild.remove();
  scroll.scrollTop = scroll.scrollHeight;
  return article;
}

// add appends a word. A reader who has scrolled up stays there.
function add(article, word) {
  const following = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 48;
  article.querySelector(".text").append(word);
  if (following) scroll.scrollTop = scroll.scrollHeight;
}

function note(article, text, again) {
  const line = article.querySelector(".note");
  line.querySelector("span").textContent = text;
  line.hidden = false;
  if (again) {
    const button = line.querySelector("button");
    button.hidden = false;
    button.addEventListener("click", again);
  }
  scroll.scrollTop = scroll.scrollHeight;
}

// A Refusal is an error whose text is made to be shown.
class Refusal extends Error {}

// answer yields the words of an answer, and returns why it has ended.
async function* answer(signal) {
  const response = await fetch("answers", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ messages: messages.slice(-maxMessages) }),
    signal,
  });
  if (response.status === 429) {
    throw new Refusal(`Too many questions. Try again in ${response.headers.get("Retry-After") ?? "a few"} s.`);
  }
  if (!response.ok) throw new Refusal((await response.text()) || "The server has refused the question.");
  for await (const { event, data } of events(response.body)) {
    const { text, finish } = JSON.parse(data);
    if (event === "word") yield text;
    if (event === "error") throw new Refusal(text);
    if (event === "end") return finish;
  }
  throw new Refusal("The answer has broken off.");
}

// ask asks what stands last in messages. While an answer is written screen readers
// wait: they read it as a whole.
async function ask() {
  const article = show("assistant", "");
  const current = new AbortController();
  asking = current;
  busy(true);
  article.classList.add("writing");
  state.textContent = "The model is thinking …";
  let said = "";
  const again = () => {
    if (asking) return;
    article.remove();
    question.focus(); // the button has gone
    ask();
  };
  const ended = (text, ...more) => {
    if (asking !== current) return; // the conversation is another one
    if (said) messages.push({ role: "assistant", content: said.slice(0, maxCharacters) });
    messages = messages.slice(-maxMessages);
    state.textContent = text;
    if (more.length > 0) note(article, ...more);
  };
  try {
    const words = answer(current.signal);
    for (;;) {
      const { done, value } = await words.next();
      if (done) {
        if (value === "length") ended("Cut.", "The answer is longer than the model may write.");
        else ended("");
        break;
      }
      if (!said) state.textContent = "The model is writing …";
      said += value;
      add(article, value);
    }
  } catch (error) {
    if (current.signal.aborted) {
      ended("Stopped.", "You have stopped the answer.");
    } else {
      said = ""; // a part of an answer is none to build on
      article.classList.add("wrong");
      ended("", error instanceof Refusal ? error.message : "The server cannot be reached.", again);
    }
  }
  article.classList.remove("writing");
  if (asking === current) busy(false);
}

function busy(on) {
  if (!on) asking = undefined;
  log.setAttribute("aria-busy", on);
  const focused = document.activeElement === stop;
  stop.hidden = !on;
  send.hidden = on;
  if (focused) question.focus();
}

function submit(text) {
  if (asking || !text.trim()) return;
  if (messages.at(-1)?.role === "user") messages.pop(); // one without an answer
  for (const button of log.querySelectorAll(".note button")) button.hidden = true;
  messages.push({ role: "user", content: text.trim() });
  show("user", text.trim());
  question.value = "";
  ask();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit(question.value);
});
question.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  submit(question.value);
});
stop.addEventListener("click", () => asking?.abort());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") asking?.abort();
});
for (const idea of start.querySelectorAll("button")) {
  idea.addEventListener("click", () => {
    submit(idea.textContent);
    question.focus();
  });
}
document.getElementById("clear").addEventListener("click", () => {
  asking?.abort();
  busy(false);
  messages = [];
  log.replaceChildren();
  start.hidden = false;
  state.textContent = "";
  question.focus();
});
