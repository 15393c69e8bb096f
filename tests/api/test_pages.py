"""The pages in a real browser with the outside network closed."""

from __future__ import annotations

from pathlib import Path

import pytest
from httpx import Client
from playwright.sync_api import Page, expect

from graph.catalogue import catalogue
from tests.api.conftest import LEASE_CLUE, ZHANG_ID


def test_clues_are_listed_and_filtered(page: Page) -> None:
    titles = page.locator("td.main a")
    expect(titles).to_have_text(["虚假租赁阻碍执行：张伟、王秀英", "服刑人员领取补贴：张伟"])
    page.get_by_label("严重程度").select_option("高")
    page.get_by_role("button", name="筛选").click()
    expect(titles).to_have_text(["虚假租赁阻碍执行：张伟、王秀英"])
    page.get_by_label("置信度不低于").select_option("90%")
    page.get_by_role("button", name="筛选").click()
    expect(page.get_by_text("没有符合条件的线索")).to_be_visible()


def test_a_clue_shows_reasons_figures_and_rows_of_each_dataset(page: Page) -> None:
    page.get_by_role("link", name="服刑人员领取补贴：张伟").click()
    expect(page.get_by_text("合计 5040 元")).to_be_visible()
    expect(page.get_by_role("region", name="社会救助和补贴发放").locator("tbody tr")).to_have_count(9)
    expect(page.get_by_role("region", name="刑罚执行").get_by_text("云岭监狱")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366


def test_what_is_decided_about_a_clue_is_kept(page: Page) -> None:
    page.goto(f"/clues/{LEASE_CLUE}")
    page.get_by_label("状态").select_option("属实")
    page.get_by_label("备注").fill("承租人未曾入住")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("状态由“新发现”改为“属实”")).to_be_visible()
    expect(page.get_by_text("备注：承租人未曾入住")).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("row").filter(has_text="虚假租赁")).to_contain_text("属实")


def shown(page: Page) -> set[str]:
    """Captions of the nodes on the picture."""
    captions: list[str] = page.evaluate(
        "document.querySelector('[data-network]').view.cy.nodes().map(n => n.data('node').name)"
    )
    return set(captions)


def test_a_click_on_a_node_expands_it_and_shows_the_rows_behind_it(page: Page) -> None:
    page.goto(f"/clues/{LEASE_CLUE}")
    status = page.locator(".network .said")
    expect(status).to_contain_text("5 个节点")
    assert "云岭市老马牛肉面餐饮有限公司" not in shown(page)
    page.locator(".canvas").scroll_into_view_if_needed()
    page.wait_for_timeout(300)  # the picture learns of the scrolling
    x, y = page.evaluate(
        "(() => { const view = document.querySelector('[data-network]').view.cy;"
        " const box = view.container().getBoundingClientRect(), at = view.getElementById('P-wang').renderedPosition();"
        " return [box.x + at.x, box.y + at.y]; })()"
    )
    page.mouse.move(x, y)
    page.mouse.click(x, y, delay=50)
    expect(status).to_contain_text("新增 1 个")
    assert "云岭市老马牛肉面餐饮有限公司（存续）" in shown(page)
    panel = page.locator(".detail")
    expect(panel.get_by_role("heading", name="王秀英")).to_be_visible()
    panel.get_by_text("房屋租赁备案 ZL0001").click()
    expect(panel.get_by_text("云租2022-17")).to_be_visible()


def test_a_node_can_be_chosen_by_keyboard(page: Page) -> None:
    page.goto(f"/clues/{LEASE_CLUE}")
    row = page.locator(".nodes button").filter(has_text="滨河路")
    row.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".detail").get_by_text("甘(2018)云岭不动产权第0001234号")).to_be_visible()


def test_a_market_hall_says_how_much_is_left_out(page: Page) -> None:
    page.goto("/entities/P-namesake")
    page.locator(".nodes button").filter(has_text="集贸市场").first.click()
    expect(page.locator(".network .said")).to_contain_text("新增 25 个，另有")


def test_the_legend_names_what_is_drawn(page: Page) -> None:
    page.goto(f"/clues/{LEASE_CLUE}")
    expect(page.locator(".legend li")).to_contain_text(["人员", "来源记录", "不动产", "电话"])


def test_a_script_in_a_name_stays_text(page: Page) -> None:
    page.goto("/entities/P-wang")
    expect(page.locator(".network .said")).to_contain_text("个节点")
    page.locator(".nodes button").filter(has_text="<script>").click()
    expect(page.locator(".detail").get_by_role("heading")).to_contain_text("<script>window.hacked=1</script>")
    assert page.evaluate("window.hacked") is None


def test_a_person_is_found_by_number_without_the_number_showing_anywhere(page: Page) -> None:
    page.get_by_role("link", name="实体检索").click()
    page.get_by_label("姓名、单位").fill(ZHANG_ID)
    page.get_by_role("button", name="检索").click()
    expect(page.get_by_role("link", name="张伟")).to_have_count(1)
    assert ZHANG_ID not in page.url and ZHANG_ID not in page.content()
    page.get_by_role("link", name="张伟").click()
    expect(page.get_by_role("heading", name="张伟", exact=True).first).to_be_visible()
    expect(page.locator(".timeline li")).to_have_count(12)
    expect(page.get_by_role("link", name="服刑人员领取补贴：张伟")).to_be_visible()


def test_namesakes_are_listed_apart(page: Page) -> None:
    page.goto("/entities")
    page.get_by_label("姓名、单位").fill("张伟")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="张伟")).to_have_count(2)


def test_a_model_chosen_for_somebody_leads_to_the_clue_or_to_what_is_lacking(page: Page) -> None:
    page.goto("/entities/P-zhang")
    page.get_by_label("监督模型").select_option("M03 服刑人员领取补贴")
    page.get_by_role("button", name="逐项核对").click()
    expect(page.get_by_role("heading", name="张伟有“服刑人员领取补贴”线索")).to_be_visible()
    expect(page.get_by_role("link", name="服刑人员领取补贴：张伟")).to_be_visible()
    page.get_by_text("换一个截至日期或参数再核对").click()
    page.get_by_label("收监当月起不计的月数").fill("19")
    page.get_by_role("button", name="重新核对").click()
    expect(page.get_by_role("heading", name="张伟为何没有“服刑人员领取补贴”线索")).to_be_visible()
    nearest = page.get_by_role("listitem").filter(has_text="须不早于计发起日").first
    expect(nearest).to_contain_text("不成立 社会救助和补贴发放的发放日期（2020-09-15）")
    expect(nearest).to_contain_text("差 16 天")
    expect(page.get_by_role("listitem").filter(has_text="须早于释放日期").first).to_contain_text("成立 社会救助")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366


def test_a_namesake_and_a_company_are_told_why_a_model_passes_them_by(page: Page) -> None:
    page.goto("/entities/P-namesake/models/M03")
    expect(page.get_by_role("heading", name="该模型所看的记录里没有张伟")).to_be_visible()
    expect(page.get_by_text("同名的另一实体（P-zhang）有，但归并后不是同一实体")).to_be_visible()
    page.goto("/entities/C-firm/models/M03")
    expect(page.get_by_text("该模型不涉及单位")).to_be_visible()


def test_a_narrow_window_shows_an_explanation_whole(page: Page) -> None:
    page.set_viewport_size({"width": 420, "height": 768})
    for path in ("/entities/P-zhang/models/M03?grace_months=19", "/models/M03"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 420


def test_a_model_tells_which_of_its_clues_others_have(page: Page) -> None:
    page.goto("/models/M03")
    expect(page.get_by_text("共 1 条线索，其中 0 条所涉的记录和主体其他模型都没有")).to_be_visible()
    row = page.get_by_role("region", name="与其他模型的重合").get_by_role("row").filter(has_text="M02")
    expect(row.get_by_role("cell")).to_contain_text(["M02 虚假租赁阻碍执行", "1", "0", "1", "同为 张伟"])
    row.get_by_role("link", name="虚假租赁阻碍执行：张伟、王秀英").click()
    expect(page.get_by_role("heading", name="虚假租赁阻碍执行")).to_be_visible()


def test_a_changed_model_is_compared_with_the_record_and_with_the_version_it_lies_over(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = catalogue()["M03"].path.read_text(encoding="utf-8")
    (tmp_path / "models").mkdir()
    changed = text.replace('type = "integer"\ndefault = 1\n', 'type = "integer"\ndefault = 19\n')
    (tmp_path / "models" / "M03.cypher").write_text(changed, encoding="utf-8")
    page.goto("/models/M03")
    expect(page.get_by_role("link", name="与随软件提供的原版比较")).to_have_count(0)
    monkeypatch.setenv("CLUEGRAPH_CONFIG", str(tmp_path))
    page.goto("/models/M03")
    page.get_by_role("link", name="现在重新查找，与线索库比较").click()
    expect(page.locator(".figures li")).to_have_text(["1原有", "0现有", "0新增", "1消失", "0保留"])
    page.get_by_role("link", name="与随软件提供的原版比较").click()
    gone = page.locator("section").filter(has=page.get_by_role("heading", name="消失"))
    expect(gone.get_by_role("link", name="服刑人员领取补贴：张伟")).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("link", name="服刑人员领取补贴：张伟")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/entities/P-zhang/models/M99", 404, "没有这个模型"),
        ("/entities/P-nobody/models/M03", 404, "没有这个实体"),
        ("/entities/P-zhang/models/M03?grace_months=many", 422, "模型参数有误"),
        ("/entities/P-zhang/models/M03?as_of=yesterd", 422, "请求参数有误"),
        ("/models/M03/difference?against=former", 404, "没有这个原版"),
        ("/models/M17/difference", 409, "模型无法运行"),
    ],
)
def test_what_cannot_be_explained_is_told_on_a_page(client: Client, path: str, status: int, words: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == status
    assert words in answer.text and "<html" in answer.text


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/models", "服刑人员领取补贴"),
        ("/models", "请载入房屋租赁备案（leases）"),
        ("/models/M03", "收监当月不计"),
        ("/models/M03", "数据齐备"),
        ("/models/M17", "数据不足，尚未查找"),
        ("/data", "社会救助和补贴发放"),
        ("/docs", "/api/v1/clues"),
    ],
)
def test_every_other_page_opens(page: Page, path: str, words: str) -> None:
    page.goto(path)
    expect(page.get_by_text(words).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366


def test_signing_out_leaves_nothing_to_see(page: Page) -> None:
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_label("访问令牌")).to_be_visible()
    page.goto("/models")
    expect(page.get_by_label("访问令牌")).to_be_visible()
