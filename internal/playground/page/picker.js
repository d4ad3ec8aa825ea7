// The reaction picker: one popover for the page.
import { el } from "/page/dom.js";
import { EMOJI, PICKS } from "/page/emoji.js";

const COLUMNS = 8; // as posts.css draws it

let open = null;

export function closePicker() {
  open?.box.remove();
  open?.anchor.focus({ preventScroll: true });
  open = null;
}

export function openPicker(anchor, choose) {
  const again = open?.anchor === anchor;
  closePicker();
  if (again) return;
  const box = el("div", { class: "picker", role: "dialog", "aria-label": "Choose a reaction", "data-testid": "picker" },
    ...PICKS.map((name) => el("button", {
      type: "button", class: "emoji", "data-emoji": name, title: `:${name}:`, "aria-label": name,
      onclick: () => { closePicker(); choose(name); },
    }, EMOJI[name])));
  document.body.append(box);
  const at = anchor.getBoundingClientRect();
  box.style.left = `${Math.max(8, Math.min(at.left, innerWidth - box.offsetWidth - 8))}px`;
  box.style.top = `${at.bottom + box.offsetHeight + 8 > innerHeight ? at.top - box.offsetHeight - 6 : at.bottom + 6}px`;
  open = { box, anchor };
  box.addEventListener("keydown", (e) => step(e, box));
  box.querySelector("button").focus();
}

// step moves through the picker's rows with the arrow keys.
function step(e, box) {
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -COLUMNS, ArrowDown: COLUMNS }[e.key];
  if (!by) return;
  e.preventDefault();
  const all = [...box.children];
  all[all.indexOf(document.activeElement) + by]?.focus();
}

document.addEventListener("pointerdown", (e) => {
  if (open && !open.box.contains(e.target) && !open.anchor.contains(e.target)) closePicker();
});
