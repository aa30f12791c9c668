// The whole application: it shows what the path of the page says, and goes from
// one path to another without asking the server.

const planets = { mercury: 0, venus: 0, earth: 1, mars: 2, jupiter: 97, saturn: 274, uranus: 29, neptune: 16 };

const element = (name, text, attributes = {}) => {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(text);
  return made;
};

const views = [
  [/^\/$/, () => ["Home", element("p", "Every path of this site is the same page. Reload it anywhere.")]],
  [/^\/planets$/, () => ["Planets", ...Object.keys(planets).map((name) => {
    const item = element("p", "");
    item.append(element("a", name, { href: `/planets/${name}` }));
    return item;
  })]],
  [/^\/planets\/(\w+)$/, (name) => [name, element("p", name in planets ? `Moons: ${planets[name]}` : "There is no such planet.")]],
  [/^\/film$/, () => ["Film", element("video", "", { src: "/media/ball.webm", controls: true, muted: true, preload: "auto", width: 320 })]],
];

function show() {
  const main = document.querySelector("main");
  for (const [pattern, view] of views) {
    const match = pattern.exec(location.pathname);
    if (!match) continue;
    const [title, ...parts] = view(...match.slice(1));
    document.title = title;
    main.replaceChildren(element("h1", title), ...parts);
    break;
  }
  if (!views.some(([pattern]) => pattern.test(location.pathname))) {
    document.title = "Nothing here";
    main.replaceChildren(element("h1", document.title));
  }
  for (const link of document.querySelectorAll("nav a")) {
    if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || link.origin !== location.origin || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  show();
});
addEventListener("popstate", show);
show();
