// A clue's status and notes: saved in place, told in words.
"use strict";
const form = document.querySelector("form.handling");
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const said = form.querySelector(".said");
  const change = { status: form.elements.status.value };
  const note = form.elements.note.value.trim();
  if (note) change.note = note;
  said.textContent = "正在保存……";
  try {
    const answer = await fetch(`/api/v1/clues/${encodeURIComponent(form.dataset.clue)}`, {
      method: "PATCH",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(change),
    });
    if (answer.ok) location.reload();
    else said.textContent = answer.status === 401 ? "登录已过期，请重新登录。" : `没有保存：${(await answer.json()).title}`;
  } catch {
    said.textContent = "没有保存：服务没有应答，请稍后再试。";
  }
});
