// Shortcuts of the desk: each presses or focuses something that is on the page, and "?" lists them. The pages work
// without this script; nothing happens while somebody writes, or with a key held that belongs to the browser.
const isWriting = (box) => box.matches("textarea, select, input:not([type=radio], [type=checkbox])");
const rows = [...document.querySelectorAll("[data-row]")];

const isOff = () => localStorage.getItem("shortcuts") === "off";

function step(by) {
  const here = rows.indexOf(document.activeElement);
  const next = rows[here < 0 ? (by > 0 ? 0 : rows.length - 1) : here + by];
  next?.focus();
  next?.scrollIntoView({ block: "center" });
}

function press(target) {
  if (target.matches("input:not([type=radio])")) target.focus();
  else target.click();
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isWriting(event.target)) return;
  if (isOff() || document.querySelector("dialog[open]")) return;
  if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else {
    const target = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key);
    if (!target) return;
    press(target);
  }
  event.preventDefault();
});

for (const link of document.querySelectorAll("[data-opens]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById(link.dataset.opens).showModal();
  });
}

for (const button of document.querySelectorAll("[data-switches]")) {
  const words = [button.textContent, button.dataset.switches];
  const say = () => (button.textContent = words[Number(isOff())]);
  button.addEventListener("click", () => (localStorage.setItem("shortcuts", isOff() ? "on" : "off"), say()));
  say();
}
