// Pairs in doubt: one is looked at, keys 1, 2, 3 say what it is, J and K go on and back.
"use strict";
const pairs = [...document.querySelectorAll(".pair")];
const who = document.getElementById("who");
const WORDS = { same: "同一主体", not_same: "不是同一主体", unsure: "不能确定", withdraw: "已撤回" };
let at = -1;

// what was typed before this script ran stays
who.value ||= sessionStorage.getItem("reviewer") ?? "";
who.addEventListener("change", () => sessionStorage.setItem("reviewer", who.value.trim()));

function look(index, scroll = true) {
  if (index < 0 || index >= pairs.length) return;
  pairs[at]?.classList.remove("current");
  at = index;
  pairs[at].classList.add("current");
  if (scroll) pairs[at].focus();
}

async function say(pair, verdict) {
  const said = pair.querySelector(".said");
  const name = who.value.trim();
  if (!name) {
    said.textContent = "请先填写核对人。";
    who.focus();
    return;
  }
  const word = { verdict, who: name, why: pair.querySelector("[name=why]").value.trim() };
  if (document.getElementById("blind").checked) word.blind = true;
  said.textContent = "正在保存……";
  try {
    const answer = await fetch(`/api/v1/review/${pair.dataset.pair}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(word),
    });
    if (!answer.ok) {
      said.textContent = answer.status === 401 ? "登录已过期，请重新登录。" : `没有保存：${(await answer.json()).title}`;
      return;
    }
    told(pair, verdict, await answer.json());
  } catch {
    said.textContent = "没有保存：服务没有应答，请稍后再试。";
  }
}

function told(pair, verdict, item) {
  pair.classList.toggle("done", verdict !== "withdraw");
  pair.querySelector("[data-verdict=withdraw]").hidden = verdict === "withdraw";
  pair.querySelector(".said").textContent = `已保存：${WORDS[verdict]}`;
  const lines = item.said.map((word) => `${word.who}：${WORDS[word.verdict]}${word.why ? `（${word.why}）` : ""}`);
  pair.querySelector(".words").replaceChildren(
    ...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })),
  );
  if (verdict !== "withdraw" && pairs[at] === pair) look(at + 1);
}

for (const [index, pair] of pairs.entries()) {
  pair.addEventListener("pointerdown", () => look(index, false));
  pair.addEventListener("focusin", () => look(index, false));
  for (const button of pair.querySelectorAll("[data-verdict]")) {
    button.addEventListener("click", () => say(pair, button.dataset.verdict));
  }
}
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (event.target.closest("input, select, textarea") || at < 0) return;
  const verdict = { 1: "same", 2: "not_same", 3: "unsure" }[event.key];
  if (verdict) say(pairs[at], verdict);
  else if (event.key === "j" || event.key === "J") look(at + 1);
  else if (event.key === "k" || event.key === "K") look(at - 1);
});
look(0, Boolean(who.value));
