// Solves the challenge of a page that is shown while very many comments come in (altcha, version 2): tries numbers
// until one gives the wanted key. A person's browser does this once; whoever sends a flood must do it each time.
// Without this script the page says how long to wait instead.
const AT_ONCE = 16; // the browser spreads these over its own threads; the page stays free between them
const MOST = 1_000_000;

const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function keyFor(counter, { nonce, salt, cost, keyLength }) {
  const password = new Uint8Array([...bytes(nonce), 0, 0, 0, 0]);
  new DataView(password.buffer).setUint32(password.length - 4, counter);
  const material = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: cost };
  return hex(await crypto.subtle.deriveBits(how, material, keyLength * 8));
}

async function solve(challenge) {
  for (let start = 0; start < MOST; start += AT_ONCE) {
    const counters = Array.from({ length: AT_ONCE }, (_, place) => start + place);
    const keys = await Promise.all(counters.map((counter) => keyFor(counter, challenge.parameters)));
    const place = keys.findIndex((key) => key.startsWith(challenge.parameters.keyPrefix));
    if (place >= 0) return { counter: start + place, derivedKey: keys[place] };
  }
  throw new Error("no answer");
}

async function work(form) {
  const places = document.querySelectorAll("[data-effort-status]");
  // Copied, not written: words may carry readings.
  const say = (words) => places.forEach((place) => place.replaceChildren(...words.cloneNode(true).childNodes));
  const words = (what) => form.querySelector(`[data-effort=${what}]`);
  const challenge = JSON.parse(form.dataset.challenge);
  const howToWait = places[0].cloneNode(true);
  let pressed;
  let isDone = false;

  form.addEventListener("submit", (event) => {
    if (isDone || event.submitter?.value !== "send") return;
    event.preventDefault();
    pressed = event.submitter;
    say(words("sending"));
  });

  say(words("working"));
  try {
    const solution = await solve(challenge);
    form.elements.effort.value = btoa(JSON.stringify({ challenge, solution }));
    say(words("ready"));
  } catch {
    say(howToWait); // this browser cannot: waiting works as without a script
    pressed = undefined;
  }
  isDone = true;
  if (pressed) form.requestSubmit(pressed);
}

const form = document.querySelector("form[data-challenge]");
if (form && globalThis.crypto?.subtle) work(form);
