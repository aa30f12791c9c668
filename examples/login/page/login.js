// Says why the login is shown, and keeps where to return to.
const query = new URLSearchParams(location.search);
const reasons = {
  wrong: "The name or the password is wrong.",
  "logged-out": "You have logged out.",
  expired: "You were not here for a long time. Please log in again.",
};
document.getElementById("why").textContent = reasons[query.get("why")] ?? "";
document.getElementById("login").action = `/login${location.search}`;
