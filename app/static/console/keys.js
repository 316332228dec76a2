// Keys of every page: `/` goes to what finds, `?` shows the keys.
const keys = document.querySelector("#keys");
const isTyping = (at) => at.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key === "?") keys.showModal();
  else if (event.key === "/" && !keys.open) document.querySelector("[data-finds]")?.focus();
  else return;
  event.preventDefault();
});
keys.querySelector("button").addEventListener("click", () => keys.close());
