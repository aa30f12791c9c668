// listen reads a stream with an EventSource, until the event closeOn or until
// the client gives up, and resolves to everything that the EventSource has
// reported. After the event "cut" it sends a POST to the address cut. It also
// runs in a page, so it uses nothing of this file.
export function listen({ url, types = [], closeOn, cut, EventSource = globalThis.EventSource }) {
  return new Promise((resolve) => {
    const log = [];
    const source = new EventSource(url);
    const heard = (event) => {
      if (event.type === "open") log.push("open");
      else if (event.type === "error") log.push(["reconnecting", "open", "closed"][source.readyState]);
      else log.push({ type: event.type, data: event.data, id: event.lastEventId });
      if (event.type === "cut") fetch(cut, { method: "POST" });
      const over = source.readyState === 2;
      if (!over && event.type !== closeOn) return;
      source.close();
      resolve({ log, state: source.readyState });
    };
    for (const type of ["open", "error", "message", ...types]) source.addEventListener(type, heard);
  });
}
