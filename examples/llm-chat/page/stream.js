// events yields the events of a stream as they come, as { event, data }. An
// EventSource does the same for a GET alone, and comes back by itself when a stream
// has ended: for an answer either is wrong. The rules are those of the HTML standard,
// section 9.2.6.
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "", cut = false, event = "message", data = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return; // an event without its empty line is none
      // The end of a line may be cut in the middle: CR, and LF in the next piece.
      const piece = cut && value.startsWith("\n") ? value.slice(1) : value;
      cut = piece.endsWith("\r");
      const lines = (rest + piece).split(/\r\n|\n|\r/);
      rest = lines.pop();
      for (const line of lines) {
        if (line === "") {
          if (data.length > 0) yield { event, data: data.join("\n") };
          [event, data] = ["message", []];
          continue;
        }
        const colon = line.indexOf(":"); // at 0 it is a comment, such as a heartbeat
        const name = colon < 0 ? line : line.slice(0, colon);
        const text = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
        if (name === "data") data.push(text);
        if (name === "event") event = text || "message";
      }
    }
  } finally {
    reader.cancel().catch(() => {}); // whoever leaves the loop wants no more
  }
}
