// Makes a draft of rules calmer: one panel is open at a time, chips say what is ticked, long lists can be narrowed, rules are
// moved by keys, unsaved words are asked for before one leaves, and a rehearsal tells how far it is. All of it works without.
const MOST_NAMED = 3;
const AGAIN_MS = 1500;
const number = new Intl.NumberFormat(document.documentElement.lang);
const form = document.querySelector("#rule-form");
let isUnsaved = false;

const panels = document.querySelectorAll(".chooser, .menu");
addEventListener("click", (event) => panels.forEach((one) => one.contains(event.target) || (one.open = false)));
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = [...panels].find((one) => one.open);
  if (open) { open.open = false; open.querySelector("summary").focus(); }
});

function tell(chooser) {
  const chosen = [...chooser.querySelectorAll("input:checked")].map((box) => box.nextElementSibling.textContent);
  const summary = chooser.querySelector("summary");
  const more = chosen.length - MOST_NAMED;
  const separator = document.documentElement.lang.startsWith("zh") ? "、" : ", ";
  summary.textContent = chosen.length ? chosen.slice(0, MOST_NAMED).join(separator) + (more > 0 ? ` +${number.format(more)}` : "") : summary.dataset.none;
}
document.querySelectorAll(".chooser").forEach((one) => one.addEventListener("change", () => tell(one)));

document.querySelectorAll("[data-narrows]").forEach((field) => field.addEventListener("input", () => {
  const wanted = field.value.trim().toLowerCase();
  field.closest(".panel").querySelectorAll(".choices .box").forEach((one) => { one.hidden = !one.textContent.toLowerCase().includes(wanted); });
}));

form?.addEventListener("input", (event) => { isUnsaved ||= !event.target.matches("[data-narrows]"); });
addEventListener("submit", () => { isUnsaved = false; });
addEventListener("beforeunload", (event) => { if (isUnsaved) event.preventDefault(); });

addEventListener("keydown", (event) => {
  const way = event.altKey && { ArrowUp: "up", ArrowDown: "down" }[event.key];
  const button = way && document.activeElement.closest(".rule")?.querySelector(`[data-key=${way}]`);
  if (button) { event.preventDefault(); button.click(); }
});

async function watch(place) {
  const answer = await fetch(place.dataset.watches, { headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.ok) {
    const { status, done, total } = await answer.json();
    if (status !== "queued" && status !== "running") return isUnsaved || location.reload();
    const bar = place.querySelector("progress");
    bar.max = total || 1; bar.value = done;
    place.querySelector("[data-done]").textContent = number.format(done);
  }
  setTimeout(watch, AGAIN_MS, place);
}
document.querySelectorAll("[data-watches]").forEach((place) => setTimeout(watch, AGAIN_MS, place));
