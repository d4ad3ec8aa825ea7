// The reaction picker: one popover for the page.
import { el } from "/page/dom.js";
import { EMOJI, PICKS } from "/page/emoji.js";

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
  box.querySelector("button").focus();
}

document.addEventListener("pointerdown", (e) => {
  if (open && !open.box.contains(e.target) && !open.anchor.contains(e.target)) closePicker();
});
