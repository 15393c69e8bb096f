// Networks: drawn with Cytoscape, a click expands a node and shows the source rows behind it.
// Names come from agency files: they are only ever set as text.
"use strict";

const LARGEST = 300;
const STEP = 25; // neighbours that one click adds at most

const LOOKS = {
  Person: { shape: "ellipse", colour: "#2b6497", size: 46 },
  Company: { shape: "round-rectangle", colour: "#9a5b20", size: 44 },
  Property: { shape: "pentagon", colour: "#3f7546", size: 46 },
  TradeName: { shape: "diamond", colour: "#77488c", size: 48 },
  Phone: { shape: "round-tag", colour: "#59646f", size: 32 },
  Address: { shape: "hexagon", colour: "#59646f", size: 32 },
  Household: { shape: "octagon", colour: "#59646f", size: 32 },
  Rule: { shape: "star", colour: "#8c3b3b", size: 34 },
};
const FACT = { shape: "rectangle", colour: "#c9d4df", size: 26 };
const look = (node) => LOOKS[node.label] ?? FACT;

const STYLE = [
  {
    selector: "node",
    style: {
      label: "data(caption)",
      shape: "data(shape)",
      width: "data(size)",
      height: "data(size)",
      "background-color": "data(colour)",
      "border-width": 1.5,
      "border-color": "#fff",
      "font-family": '"Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif',
      "font-size": 15,
      color: "#1c2733",
      "text-wrap": "wrap",
      "text-overflow-wrap": "anywhere",
      "text-max-width": 128,
      "text-valign": "bottom",
      "text-margin-y": 5,
      "text-background-color": "#fff",
      "text-background-opacity": 0.85,
      "text-background-padding": 1,
      "min-zoomed-font-size": 5,
    },
  },
  { selector: "node[?fact]", style: { "border-color": "#6d7f91", "font-size": 13, color: "#44525f" } },
  { selector: "node[?subject]", style: { "border-width": 4, "border-color": "#d9a441", "font-weight": "bold" } },
  { selector: "node[hidden > 0]", style: { "border-style": "double", "border-width": 4 } },
  { selector: "node:selected", style: { "border-color": "#b3261e", "border-width": 4, "border-style": "solid" } },
  {
    selector: "edge",
    style: {
      width: 1.4,
      "line-color": "#a9b5c1",
      "target-arrow-color": "#a9b5c1",
      "target-arrow-shape": "triangle",
      "arrow-scale": 0.8,
      "curve-style": "bezier",
      label: "data(title)",
      "font-size": 12,
      color: "#6a7785",
      "text-rotation": "autorotate",
      "text-background-color": "#fff",
      "text-background-opacity": 0.9,
      "min-zoomed-font-size": 8,
    },
  },
  { selector: "edge[?weak]", style: { "line-style": "dashed", "line-color": "#c77d2b", "target-arrow-color": "#c77d2b" } },
];

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

const shorten = (text) => (text.length > 34 ? `${text.slice(0, 33)}…` : text);
const words = (value) => (Array.isArray(value) ? value.join("、") : value === true ? "是" : value === false ? "否" : String(value));

async function ask(address, body) {
  const answer = await fetch(address, body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (answer.status === 401) throw new Error("登录已过期，请重新登录");
  if (!answer.ok) throw new Error((await answer.json()).title);
  return answer.json();
}

class NetworkView {
  constructor(section) {
    this.section = section;
    this.said = section.querySelector(".said");
    this.detail = section.querySelector(".detail");
    this.list = section.querySelector(".nodes ul");
    this.cy = cytoscape({
      container: section.querySelector(".canvas"),
      style: STYLE,
      minZoom: 0.15,
      maxZoom: 3,
      autounselectify: false,
      boxSelectionEnabled: false,
    });
    this.cy.on("tap", "node", (event) => this.open(event.target.id()));
    section.addEventListener("click", (event) => {
      const wanted = event.target.closest("[data-do]")?.dataset.do;
      if (wanted === "fit") this.cy.fit(undefined, 30);
      if (wanted === "reset") this.load();
    });
    this.load();
  }

  async load() {
    this.said.textContent = "正在读取……";
    try {
      const network = await ask(this.section.dataset.network);
      this.cy.elements().remove();
      this.add(network);
      this.cy.layout({ name: "concentric", concentric: (node) => node.degree(), levelWidth: () => 3, minNodeSpacing: 50 }).run();
      this.arrange();
      this.tell(network);
    } catch (error) {
      this.said.textContent = `关系图没有读出：${error.message}`;
    }
  }

  // From where the nodes stand now, so that what a person has in view stays where it was, about.
  arrange() {
    this.cy
      .layout({
        name: "cose",
        animate: false,
        randomize: false,
        nodeRepulsion: () => 12000,
        idealEdgeLength: () => 60,
        nodeOverlap: 24,
        padding: 16,
      })
      .run();
    this.widen();
    if (this.cy.zoom() > 1.1) {
      this.cy.zoom(1.1);
      this.cy.center();
    }
  }

  // The layout is as high as it is wide; the canvas is wider, and names need the room.
  widen() {
    const box = this.cy.nodes().boundingBox({ includeLabels: false });
    const factor = (this.cy.width() / this.cy.height() / (box.w / box.h || 1)) * 0.95;
    if (factor <= 1) return;
    const centre = (box.x1 + box.x2) / 2;
    const by = Math.min(factor, 2.2);
    this.cy.nodes().positions((node) => ({ x: centre + (node.position("x") - centre) * by, y: node.position("y") }));
    this.cy.fit(undefined, 16);
  }

  // Nodes and edges that are not on the picture yet; places for the new ones around `from`.
  add(network, from) {
    const fresh = network.nodes.filter((node) => this.cy.getElementById(node.key).empty());
    const centre = from && this.cy.getElementById(from).position();
    fresh.forEach((node, index) => {
      const { shape, colour, size } = look(node);
      const ring = 1 + Math.floor(index / 14);
      const angle = (2 * Math.PI * (index % 14)) / Math.min(14, fresh.length) + ring / 2;
      this.cy.add({
        data: { id: node.key, caption: shorten(node.name), shape, colour, size, fact: !!node.dataset, hidden: node.hidden, subject: node.subject, node },
        position: centre && { x: centre.x + 130 * ring * Math.cos(angle), y: centre.y + 130 * ring * Math.sin(angle) },
      });
    });
    for (const node of network.nodes) this.cy.getElementById(node.key).data("hidden", node.hidden);
    for (const edge of network.edges) {
      const id = JSON.stringify([edge.source, edge.type, edge.target]);
      if (this.cy.getElementById(id).empty())
        this.cy.add({ data: { ...edge, id, weak: edge.probability !== null && edge.probability < 0.95 } });
    }
    this.listNodes();
    this.drawLegend();
    return fresh.length;
  }

  async open(key) {
    const node = this.cy.getElementById(key);
    if (node.empty()) return;
    this.cy.$(":selected").unselect();
    node.select();
    await Promise.all([this.show(node.data("node")), this.expand(node)]);
  }

  async expand(node) {
    if (node.data("hidden") <= 0) return;
    const known = this.cy.nodes().map((each) => each.id());
    if (known.length >= LARGEST) {
      this.said.textContent = `图中已有 ${LARGEST} 个节点，请先还原再展开。`;
      return;
    }
    this.said.textContent = "正在展开……";
    try {
      const network = await ask("/api/v1/network", { key: node.id(), known, limit: STEP });
      const added = this.add(network, node.id());
      if (added) this.arrange();
      this.tell(network, added);
    } catch (error) {
      this.said.textContent = `没有展开：${error.message}`;
    }
  }

  tell(network, added) {
    const parts = [`${this.cy.nodes().length} 个节点`];
    if (added !== undefined) parts.push(`新增 ${added} 个`);
    if (network.not_shown) parts.push(`另有 ${network.not_shown} 条关系未显示`);
    this.said.textContent = parts.join("，");
  }

  listNodes() {
    const items = this.cy.nodes().sort((a, b) => a.data("fact") - b.data("fact") || b.degree() - a.degree());
    this.list.replaceChildren(...items.map((each) => {
      const node = each.data("node");
      const button = element("button", node.name);
      button.type = "button";
      button.prepend(element("small", node.title));
      button.addEventListener("click", () => this.open(node.key));
      const item = element("li");
      item.append(button);
      return item;
    }));
  }

  drawLegend() {
    const seen = new Map();
    for (const each of this.cy.nodes()) {
      const node = each.data("node");
      const kind = node.dataset ? "Fact" : node.label;
      if (!seen.has(kind)) seen.set(kind, node.dataset ? "来源记录" : node.title);
    }
    const items = [...seen].map(([label, title]) => {
      const item = element("li", title);
      item.prepend(element("span", "", `shape ${label}`));
      return item;
    });
    for (const [name, title] of [["subject", "对象"], ["doubt", "对应关系低于 95%"], ["more", "双线边框：还有关联未显示"]]) {
      const item = element("li", title);
      item.prepend(element("span", "", `shape ${name}`));
      items.push(item);
    }
    this.section.querySelector(".legend").replaceChildren(...items);
  }

  async show(node) {
    const head = element("h3", node.name);
    head.append(element("small", node.title));
    const parts = [head];
    if (node.record_id) parts.push(element("p", `记录编号 ${node.record_id}`, "record"));
    parts.push(columns(node.values));
    if (node.entity) {
      const link = element("a", "查看完整档案");
      link.href = `/entities/${encodeURIComponent(node.key)}`;
      parts.push(link, element("h4", "来源数据"));
    }
    this.detail.replaceChildren(...parts);
    this.section.querySelector(".nodes").open = false;
    if (!node.entity) return;
    this.shown = node.key;
    try {
      const records = await ask(`/api/v1/entities/${encodeURIComponent(node.key)}/records?limit=20`);
      if (this.shown !== node.key) return;
      this.detail.append(...records.items.map(card));
      if (records.next) this.detail.append(element("p", `列出 ${records.items.length} 行，共 ${records.total} 行。`, "hint"));
    } catch (error) {
      this.detail.append(element("p", `来源数据没有读出：${error.message}`, "hint"));
    }
  }
}

function columns(values) {
  const list = element("dl");
  for (const { title, value } of values) list.append(element("dt", title), element("dd", words(value)));
  return list;
}

function card(record) {
  const details = element("details");
  const sure = record.probability === null ? "" : `　${(record.probability * 100).toFixed(1)}%`;
  details.append(element("summary", `${record.dataset_title} ${record.record_id}${sure}`), columns(record.values));
  return details;
}

for (const section of document.querySelectorAll("[data-network]")) section.view = new NetworkView(section);
