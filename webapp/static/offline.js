// Without a connection the browser would put its own error page in the place of the form. So the form stays, says why,
// and can be sent as soon as the connection is back. Without this script nothing is lost either: see draft.js.
for (const note of document.querySelectorAll("[data-offline]")) {
  note.closest("form").addEventListener("submit", (event) => {
    note.hidden = navigator.onLine;
    if (!navigator.onLine) event.preventDefault();
  });
  addEventListener("online", () => {
    note.hidden = true;
  });
}
