// Says how many characters are left, counted as people see them. The server has the last word; without this
// script the page says the maximum and works as well.
const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

function lengthOf(text) {
  let length = 0;
  for (const _ of letters.segment(text.normalize("NFC"))) length += 1;
  return length;
}

for (const counter of document.querySelectorAll("[data-counts]")) {
  const box = document.getElementById(counter.dataset.counts);
  const most = Number(counter.dataset.most);
  let waiting;

  // A short pause keeps a screen reader from speaking after every key.
  const show = () => {
    const left = most - lengthOf(box.value);
    const sentence = counter.querySelector(left < 0 ? "[data-over]" : "[data-left]");
    sentence.querySelector("[data-number]").textContent = Math.abs(left).toLocaleString(document.documentElement.lang);
    for (const other of counter.children) other.hidden = other !== sentence;
    counter.classList.toggle("error-text", left < 0);
  };

  box?.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 400);
  });
  box?.addEventListener("restored", show); // draft.js put other words into it
  if (box?.value) show();
}
