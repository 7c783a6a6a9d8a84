// Marks the words that are selected in a comment to be covered, as one more line in the list of the decision form.
// Without this script the words are typed or pasted into their box, and everything works as well.
const text = document.getElementById("text");
const tool = document.getElementById("cover-tool");
const list = document.getElementById("cover-list");

// Names of rules stand among the words of the text; they are none of them.
const isWord = (node) => !node.parentElement.closest(".tag");
const codePoints = (words) => [...words].length;
let chosen;

// The place of an edge of the selection in the text, in code points.
function placeOf(node, offset) {
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  const edge = document.createRange();
  edge.setStart(node, offset);
  let place = 0;
  for (let at = walker.nextNode(); at; at = walker.nextNode()) {
    if (!isWord(at)) continue;
    if (at === node) return place + codePoints(at.data.slice(0, offset));
    if (edge.comparePoint(at, 0) > 0) return place;
    place += codePoints(at.data);
  }
  return place;
}

function remember() {
  const range = document.getSelection()?.rangeCount ? document.getSelection().getRangeAt(0) : undefined;
  if (!range || range.collapsed || !text.contains(range.commonAncestorContainer)) return;
  const start = placeOf(range.startContainer, range.startOffset);
  const end = placeOf(range.endContainer, range.endOffset);
  if (start < end) chosen = { start, end };
}

function wordsOf({ start, end }) {
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  let all = "";
  for (let at = walker.nextNode(); at; at = walker.nextNode()) if (isWord(at)) all += at.data;
  return [...all].slice(start, end).join("");
}

function add(span, reason) {
  const value = `${span.start}-${span.end}-${reason.value}`;
  const there = document.getElementById(`cover-${value}`);
  if (there) {
    there.checked = true;
    return;
  }
  const box = Object.assign(document.createElement("input"), { type: "checkbox", name: "cover", value, checked: true, id: `cover-${value}` });
  const mark = Object.assign(document.createElement("mark"), { textContent: wordsOf(span), lang: text.lang });
  const why = Object.assign(document.createElement("small"), { textContent: reason.selectedOptions[0].textContent });
  const words = document.createElement("span");
  words.append(mark, document.createElement("br"), why);
  const label = Object.assign(document.createElement("label"), { htmlFor: box.id });
  label.append(box, words);
  const line = Object.assign(document.createElement("li"), { className: "choice" });
  line.append(label);
  list.append(line);
}

if (text && tool && list) {
  const status = tool.querySelector("[role=status]");
  tool.hidden = false;
  document.addEventListener("selectionchange", remember);
  tool.querySelector("button").addEventListener("click", () => {
    if (!chosen) {
      status.textContent = tool.dataset.none;
      return;
    }
    add(chosen, tool.querySelector("select"));
    status.textContent = tool.dataset.added.replace("{words}", wordsOf(chosen));
    list.closest("form").querySelector("[name=publication][value=redacted]").checked = true;
    document.getSelection().removeAllRanges();
    chosen = undefined;
  });
}
