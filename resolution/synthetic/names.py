"""How people are called: surnames by national weight, given names by birth decade and sex."""

from __future__ import annotations

import numpy as np

from resolution.synthetic.arrays import Ints, Strings, either, objects, pick, texts

# Percent of the population that bears the surname (order of the Ministry of Public Security's yearly report,
# shares rounded; the tail is known only roughly). Ambiguous readings (单 仇 区 曾 解 查 盖 翟 乐) are kept on purpose.
SURNAMES = """
王7.17 李7.00 张6.74 刘5.10 陈4.61 杨3.22 黄2.45 赵2.00 吴2.00 周1.90 徐1.45 孙1.38 马1.29 朱1.28 胡1.16 林1.13 郭1.13
何1.06 高1.00 罗0.95 郑0.93 梁0.85 谢0.76 宋0.70 唐0.69 许0.66 邓0.62 韩0.61 冯0.60 曹0.58 彭0.57 曾0.57 肖0.56 田0.52
董0.51 潘0.50 袁0.50 蔡0.46 蒋0.46 余0.46 于0.45 杜0.45 叶0.44 程0.43 魏0.43 苏0.43 吕0.42 丁0.41 任0.41 卢0.40 姚0.39
沈0.38 钟0.37 姜0.37 崔0.37 谭0.36 陆0.35 范0.35 汪0.35 廖0.34 石0.33 金0.32 韦0.32 贾0.31 夏0.30 付0.30 方0.29 邹0.28
熊0.28 白0.28 孟0.27 秦0.27 邱0.27 侯0.26 江0.26 尹0.25 薛0.25 闫0.25 段0.24 雷0.24 龙0.23 黎0.23 史0.22 陶0.22 贺0.22
毛0.21 郝0.21 顾0.21 龚0.20 邵0.20 万0.20 覃0.20 武0.19 钱0.19 戴0.19 严0.19 莫0.19 孔0.18 向0.18 常0.17 汤0.17 康0.16
易0.16 乔0.15 赖0.15 文0.15 樊0.14 施0.14 洪0.14 兰0.14 殷0.13 牛0.13 颜0.13 倪0.12 章0.12 岳0.12 申0.12 庞0.12 鲁0.12
柳0.11 耿0.11 阎0.11 梅0.11 温0.11 俞0.10 芦0.10 葛0.10 左0.10 焦0.10 关0.10 齐0.10 翟0.10 伍0.10 辛0.09 管0.09 聂0.09
祝0.09 纪0.09 童0.09 舒0.09 包0.08 宁0.08 尚0.08 霍0.08 欧阳0.08 阳0.08 查0.07 盛0.07 苗0.07 曲0.07 骆0.07 柯0.07 华0.07
安0.07 涂0.07 甘0.07 单0.07 饶0.06 蒙0.06 詹0.06 房0.06 滕0.06 路0.06 解0.06 阮0.06 古0.06 季0.06 游0.06 鲍0.05 郁0.05
项0.05 裴0.05 苟0.05 费0.05 凌0.05 卓0.05 成0.05 仇0.04 冉0.04 应0.04 乐0.03 盖0.03 区0.03 上官0.02 司马0.01 皇甫0.01
诸葛0.01 尉迟0.01 夏侯0.01 慕容0.01 司徒0.01 令狐0.01 端木0.01 闻0.03 訾0.01 逄0.01 麻0.02 晏0.02 禹0.01 丛0.03 佘0.02
"""

# Given names that repeat by the thousand, by the decades in which they were given.
FREQUENT = {
    ("男", 1920): "德福 永福 长生 富贵 福生 金山 玉山 树林 德胜 金生 万福 有才 明德 德明 国才 志高 福海 长林 德成 清和",
    ("女", 1920): "秀英 桂英 玉兰 桂兰 秀兰 玉英 淑珍 淑英 凤英 素珍 秀珍 玉珍 月英 桂芳 翠英 金莲 冬梅 兰英 菊香 春秀",
    (
        "男",
        1950,
    ): "建国 建华 国强 建军 志强 国华 文华 建平 卫国 志明 建民 国平 卫东 新华 爱国 援朝 跃进 军 平 明 国庆 和平",
    (
        "女",
        1950,
    ): "秀英 桂英 秀兰 玉兰 桂兰 秀珍 凤英 玉珍 淑兰 淑芳 建华 秀芳 玉梅 美华 爱华 丽华 红 春梅 翠兰 素芳 菊英 金凤",
    (
        "男",
        1970,
    ): "勇 军 伟 强 刚 磊 涛 杰 斌 波 辉 鹏 飞 建军 志强 海涛 红军 永强 文 俊 超 林 峰 建 晓东 国庆 小军 志刚",
    (
        "女",
        1970,
    ): "丽 芳 敏 静 艳 娟 霞 燕 玲 红 梅 英 丹 萍 洁 红梅 海燕 丽娟 春梅 秀英 小红 玉梅 琴 利 晓燕 冬梅 华 蓉",
    ("男", 1985): "伟 磊 鹏 超 杰 涛 强 浩 洋 斌 帅 凯 辉 鑫 亮 飞 勇 俊杰 文杰 志强 晓东 龙 博 宇 宁 建 晨 威 佳 旭",
    ("女", 1985): "婷 静 娜 敏 丽 倩 雪 丹 莹 颖 燕 芳 婷婷 丽娜 佳 慧 琳 玲 洁 娟 媛媛 莉 璐 晶 蕾 萌 欢 文静 瑶 雅琴",
    (
        "男",
        2000,
    ): "浩然 子轩 宇轩 浩宇 博文 宇航 俊杰 子豪 天佑 梓豪 文博 一鸣 嘉豪 俊熙 皓轩 浩 宇 杰 涛 志远 睿 泽宇 家豪 明轩",
    (
        "女",
        2000,
    ): "欣怡 梓涵 诗涵 子涵 佳怡 雨欣 欣妍 思雨 雨桐 一诺 可欣 梓萱 佳琪 思琪 语嫣 若曦 静怡 雅婷 梦瑶 雨涵 艺涵 芷若",
}
# Share of names that parents composed themselves. With it two people drawn at random bear one given name about once in
# 200 (agency files seen: once in 280) and one full name about once in 5,000 (agency files: 4,000, near relatives of
# planted cases included; what surname and given name alone lead one to expect there: 6,800).
COMPOSED = 0.32
FREQUENT_DECADES = np.array([1920, 1950, 1970, 1985, 2000])

MALE = (
    "伟强军勇杰涛明超刚平辉鹏华飞波斌宇浩凯俊健良海山仁宁贵福生龙元全国"
    "胜学祥才发武新利清彬富顺信子坤安康庆志文德光金林江云中振建永世家兴"
)
FEMALE = (
    "秀娟英华慧巧美娜静淑惠珠翠雅芝玉萍红娥玲芬芳燕彩春菊兰凤洁梅琳素云莲真环雪荣"
    "爱妹霞香月莺媛艳瑞凡佳嘉琼勤珍贞莉桂娣叶璧璐娅琦晶妍茜秋珊莎锦黛青倩婷姣婉娴"
)
YOUNG = "梓子涵轩浩宇晨曦睿妍诗雨欣怡佳琪思语嫣若可心一诺泽俊熙皓辰艺萱桐菲诺言沐苒希彤瑾瑜奕航铭锐添乐安然依恩"
GENERATION = "德永世文光传家国正大明元祖宗庆绍立先昌茂"

UYGHUR_MALE = [
    "阿卜杜热合曼",
    "买买提",
    "艾合买提",
    "吐尔逊",
    "依明",
    "玉素甫",
    "库尔班",
    "艾尔肯",
    "努尔麦麦提",
    "阿迪力",
    "亚森",
    "木合塔尔",
]
UYGHUR_FEMALE = [
    "阿依古丽",
    "古丽娜尔",
    "帕提古丽",
    "热依拉",
    "米热古丽",
    "祖丽皮亚",
    "阿孜古丽",
    "迪丽努尔",
    "海日古丽",
    "麦尔耶姆",
]
TIBETAN_MALE = ["扎西", "多吉", "次仁", "尼玛", "丹增", "平措", "索朗", "旺堆", "格桑", "洛桑"]
TIBETAN_FEMALE = ["卓玛", "央金", "拉姆", "德吉", "白玛", "仓央", "曲珍", "梅朵"]


def surname_table() -> tuple[Strings, np.ndarray]:
    """Surnames and their share of the population (sums to 1)."""
    words = SURNAMES.split()
    names = [word.rstrip("0123456789.") for word in words]
    weights = np.array([float(word[len(name) :]) for word, name in zip(words, names, strict=True)])
    return objects(names), weights / weights.sum()


def surnames(rng: np.random.Generator, count: int) -> Strings:
    """Draw `count` surnames by national weight."""
    names, weights = surname_table()
    return names[rng.choice(len(names), size=count, p=weights)]


def given_names(rng: np.random.Generator, female: np.ndarray, year: Ints) -> Strings:
    """Given names for people of that sex and birth year; most are the ones that everybody bears."""
    count = len(year)
    decade = np.clip(np.searchsorted(FREQUENT_DECADES, year, side="right") - 1, 0, len(FREQUENT_DECADES) - 1)
    result = np.full(count, "", dtype=object)
    for (sex, start), text in FREQUENT.items():
        chosen = np.flatnonzero((female == (sex == "女")) & (FREQUENT_DECADES[decade] == start))
        pool = objects(text.split())
        # the first names of each list are the most frequent
        weights = 1 / np.arange(3, len(pool) + 3)
        result[chosen] = pool[rng.choice(len(pool), size=len(chosen), p=weights / weights.sum())]
    composed = np.flatnonzero(rng.random(count) < COMPOSED)
    for is_female in (False, True):
        for young in (False, True):
            rows = composed[(female[composed] == is_female) & ((year[composed] >= 1998) == young)]
            characters = objects(list((YOUNG if young else "") + (FEMALE if is_female else MALE)))
            # some characters are far dearer to parents than others
            weights = 1 / np.arange(4, len(characters) + 4) ** 0.8
            first, second = characters[rng.choice(len(characters), size=(2, len(rows)), p=weights / weights.sum())]
            single = rng.random(len(rows)) < 0.35
            result[rows] = np.where(single, first, first + second)
    return result


def clan_given_names(rng: np.random.Generator, female: np.ndarray, generation: Ints) -> Strings:
    """Names of clan villages: a generation character and one of few second ones, so that full names meet again."""
    count = len(generation)
    first = objects(list(GENERATION))[generation % len(GENERATION)]
    male, women = objects(list("明华富贵才福生军平强林祥")), objects(list("英兰秀芳珍梅凤香娥莲"))
    return texts(first, either(female, pick(rng, women, count), pick(rng, male, count)))


def transliterated(rng: np.random.Generator, female: np.ndarray) -> Strings:
    """Names with an interpunct, as Uyghur and Tibetan citizens bear them."""
    count = len(female)
    uyghur = rng.random(count) < 0.6
    own = np.where(
        uyghur,
        np.where(female, pick(rng, objects(UYGHUR_FEMALE), count), pick(rng, objects(UYGHUR_MALE), count)),
        np.where(female, pick(rng, objects(TIBETAN_FEMALE), count), pick(rng, objects(TIBETAN_MALE), count)),
    )
    other = np.where(
        uyghur,
        pick(rng, objects(UYGHUR_MALE), count),
        np.where(female, pick(rng, objects(TIBETAN_FEMALE), count), pick(rng, objects(TIBETAN_MALE), count)),
    )
    return np.where(own == other, own, own + "·" + other)
