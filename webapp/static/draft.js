// Keeps what is being written in this browser until it was sent: a lost connection, a closed window or an empty
// battery costs no words. Kept are the comment and the choices, never who or where the author is. Without this
// script the form works as well; the browser then keeps nothing.
const WEEK = 7 * 24 * 60 * 60 * 1000;
const PREFIX = "draft:";
const KEPT = ["text", "action", "stance", "residency", "language"];
const CLEARED = ["text", "email", "person_name", "person_address", "person_contact"];

// Storage can be full, forbidden or absent. Then nothing is kept, and nothing breaks.
function read(name) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name));
  } catch {
    return null;
  }
}

function write(name, draft) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

function forget(name) {
  try {
    localStorage.removeItem(PREFIX + name);
  } catch {
    // Nothing could be kept there either.
  }
}

function forgetOld() {
  try {
    for (const key of Object.keys(localStorage).filter((key) => key.startsWith(PREFIX))) {
      const draft = read(key.slice(PREFIX.length));
      if (!(draft?.at > Date.now() - WEEK)) localStorage.removeItem(key);
    }
  } catch {
    // As above.
  }
}

// The end of a form's key tells one form from another, and opens nothing.
const endOf = (key) => key.split(".").pop();

// Sent: only which form it was stays, so that other words written on that same page go out with a fresh key.
function clear(name) {
  const draft = read(name);
  const spent = draft?.form_key ? endOf(draft.form_key) : draft?.spent;
  if (!spent || !write(name, { at: Date.now(), spent })) forget(name);
}

function keep(form) {
  const name = form.dataset.draft;
  const box = form.elements.text;
  const key = form.elements.form_key ?? { value: "" }; // a revision has none: it changes what is there already
  const fresh = key.value;
  const isAsItStands = "fresh" in form.dataset; // a comment as it was sent, before anything is changed
  const back = document.getElementById("draft-back");
  const kept = document.getElementById("draft-kept");
  let waiting;
  let cleared = false;

  const save = () => {
    clearTimeout(waiting);
    waiting = undefined;
    if (cleared) return;
    if (!box.value.trim()) {
      clear(name); // emptied by hand: the next person on this device finds nothing
      kept.hidden = true;
      return;
    }
    const spent = read(name)?.spent;
    const draft = { at: Date.now(), spent, form_key: endOf(key.value) === spent ? "" : key.value };
    for (const field of KEPT) draft[field] = form.elements[field]?.value ?? "";
    kept.hidden = !write(name, draft);
  };

  const restore = (draft) => {
    for (const field of KEPT) if (form.elements[field] && draft[field] !== undefined) form.elements[field].value = draft[field];
    for (const folded of form.querySelectorAll("details")) folded.open ||= !!folded.querySelector(":checked:not([value=''])");
    // Sent again unchanged, it is the same form: had it arrived after all, the same receipt comes back.
    key.value = draft.form_key || fresh;
    back.hidden = false;
    kept.hidden = false;
    box.dispatchEvent(new Event("restored"));
  };

  const discard = () => {
    clearTimeout(waiting);
    cleared = true;
    forget(name);
    form.reset();
    for (const field of isAsItStands ? [] : CLEARED) if (form.elements[field]) form.elements[field].value = "";
    key.value = fresh;
    back.hidden = kept.hidden = true;
    box.dispatchEvent(new Event("restored"));
    box.focus();
  };

  const draft = read(name);
  if ((isAsItStands || !box.value.trim()) && draft?.text) restore(draft);
  else if (!isAsItStands) save();

  form.addEventListener("input", (event) => {
    cleared = false;
    if (KEPT.includes(event.target.name)) key.value = fresh; // another text or answer is another comment
    clearTimeout(waiting);
    waiting = setTimeout(save, 300);
  });
  // The page may go without a word: another app comes up, the tab is closed.
  const saveWhatWaits = () => waiting && save();
  addEventListener("pagehide", saveWhatWaits);
  document.addEventListener("visibilitychange", saveWhatWaits);
  for (const button of document.querySelectorAll("[data-discard]")) button.addEventListener("click", discard);
}

const sent = document.querySelector("[data-draft-sent]");
if (sent) clear(sent.dataset.draftSent);
forgetOld();
const form = document.querySelector("form[data-draft]");
if (form) keep(form);
