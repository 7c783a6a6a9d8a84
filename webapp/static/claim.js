// Keeps a comment taken up while its page is in use, shows who else takes it up meanwhile, and lets it go when the page
// is left. Without this script the claim ends by itself, and the page says who holds it each time it is opened.
const page = document.querySelector("script[data-claim]").dataset;
const LOOK_EVERY = 20_000;
const KEEP_EVERY = 60_000;
let keptAt = 0;

const claim = () => document.getElementById("claim");
const isMine = () => claim().dataset.mine === "1";

function keep() {
  if (!isMine() || Date.now() - keptAt < KEEP_EVERY) return;
  keptAt = Date.now();
  fetch(page.keep, { method: "POST" }).catch(() => (keptAt = 0));
}

async function look() {
  if (document.hidden || claim().contains(document.activeElement)) return;
  const answer = await fetch(page.claim).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("claim");
  if (fresh && fresh.textContent !== claim().textContent) claim().replaceWith(document.adoptNode(fresh));
}

for (const sign of ["input", "keydown", "pointerdown", "scroll"]) addEventListener(sign, keep, { passive: true });
addEventListener("pagehide", () => {
  if (isMine()) navigator.sendBeacon(page.leave);
});
addEventListener("pageshow", () => {
  keptAt = 0;
  keep();
});
setInterval(look, LOOK_EVERY);
document.addEventListener("visibilitychange", look);
