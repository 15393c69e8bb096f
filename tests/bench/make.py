"""Makes names.csv: labelled pairs of Chinese names, by hand and by rule. Run: python tests/bench/make.py

`same` says that one name may well be a writing of the other, `different` that both are names of two; `strong` that
anybody would say so, `weak` that more than the names is needed. Nothing of the project is imported here: who labels
must not be who is tested.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import cycle, islice
from pathlib import Path

Row = tuple[str, str, str, str, str, str]
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = """建国 志强 秀英 桂兰 国庆 晓东 玉兰 永福 德海 春梅 文博 子涵 浩然 雨欣 思远 俊杰 婷婷 丽华 海燕 立军 宝山
占奎 学文 金花 有才 守义 凤霞 满仓 淑珍 嘉怡 明辉 世昌 启明 振华 万里 长河 巧玲 佩瑶 天佑 景行 正平""".split()
COMPOUND = "欧阳 司马 上官 诸葛 皇甫 慕容 令狐 尉迟 夏侯 端木 东方 南宫 公孙 长孙 司徒 轩辕".split()

# the same sound in all tones, as somebody at the telephone writes it
HOMOPHONES = """建国 健国|志强 智强|秀英 秀瑛|桂兰 贵兰|晓东 小东|玉兰 育兰|文博 文波|子涵 梓涵|浩然 皓然|雨欣 雨昕
思远 思源|俊杰 骏杰|丽华 莉华|海燕 海艳|立军 力军|宝山 保山|学文 雪文|金花 锦花|明辉 明晖|启明 起明|振华 震华
佩瑶 沛瑶|正平 政平|嘉怡 佳怡|国庆 国清|淑珍 书珍|凤霞 凤侠|永福 永富|世昌 士昌|婷婷 亭亭|巧玲 巧灵
长河 常和|天佑 天右|守义 守益|春梅 春玫|景行 景型|静怡 静仪|晓燕 小燕|志伟 智伟""".replace("\n", "|").split("|")
# other sounds that dialects do not tell apart
NEAR_SOUNDS = """金英 京英|建林 建玲|文斌 文兵|晓玲 晓林|新民 兴民|庆林 庆玲|小琴 小晴
国珍 国正|玉琴 玉晴|立新 立兴|海滨 海冰|书琴 书清|兰芳 南方|世荣 四荣|春兰 村兰""".replace("\n", "|").split("|")
# ordinary names that sound alike and are borne by two: sex or generation differs
TWO_ALIKE = """丽|力 静|敬 梅|枚 英|鹰 芳|方 娟|涓 红|宏 玲|岭 华|桦 艳|彦 勇|咏 军|君 伟|薇 杰|洁 飞|菲 峰|枫 莉|立 燕|岩
涛|韬 斌|彬""".split()
LOOKALIKES = """建国 建囯|志未 志末|国土 国士|玉晴 玉睛|浩然 洁然|凤英 风英|大山 太山|晓辰 晓晨|淑娟 淑涓|瑞云 端云
秀兰 季兰|明远 朋远|伟民 伍民|令仪 今仪|茵茵 菌菌|子元 子无|宝成 宝城|俊彬 俊杉|清华 请华|玲玲 铃铃|千里 干里
春暖 春暧|戌生 戍生|佳慧 佳彗|候明 侯明|徽音 微音|博文 搏文|泽民 译民|兰芬 兰芳|炳坤 柄坤|拴柱 栓柱|学勤 学勒
崇文 祟文|宪章 完章|昊天 吴天|丹凤 舟凤|海川 梅川|贝贝 见贝|冶平 治平|雅丽 稚丽""".replace("\n", "|").split("|")
TRADITIONAL = """張偉 张伟|劉國強 刘国强|陳麗華 陈丽华|楊樹林 杨树林|趙鐵柱 赵铁柱|黃曉東 黄晓东|吳鳳霞 吴凤霞|孫寶財 孙宝财
馬躍進 马跃进|羅漢軍 罗汉军|鄭愛國 郑爱国|謝蘭英 谢兰英|韓學義 韩学义|馮樂 冯乐|蕭紅 萧红|葉問 叶问|蘇軾 苏轼|盧俊義 卢俊义
蔣經緯 蒋经纬|賈寶玉 贾宝玉|鄧麗君 邓丽君|許廣平 许广平|呂佈 吕布|龔琳 龚琳|萬里 万里|錢學森 钱学森|湯顯祖 汤显祖|陸遊 陆游
譚嗣同 谭嗣同|韋莊 韦庄|歐陽鋒 欧阳锋|司馬遷 司马迁|諸葛瑾 诸葛瑾|東方聞櫻 东方闻樱|顧維鈞 顾维钧|龍雲 龙云|嚴復 严复|齊璜 齐璜
閻錫山 阎锡山|賴寧 赖宁|聶衛平 聂卫平|顏真卿 颜真卿|範仲淹 范仲淹|於成龍 于成龙|強小偉 强小伟|樊錦詩 樊锦诗|畢昇 毕升|雲飛揚 云飞扬
紀曉嵐 纪晓岚|鐘繇 钟繇|連戰 连战|單雄信 单雄信|華羅庚 华罗庚|車永莉 车永莉|遊本昌 游本昌|滿文軍 满文军""".replace("\n", "|").split("|")
UYGHUR = """阿卜杜拉·买买提 阿不都拉·买买提|阿迪力·吾休尔 阿地力·吾守尔|古丽娜尔·热合曼 古丽娜尔·热和曼|艾合买提·托合提 艾买提·托合提
买买提·艾力 麦麦提·艾力|吐尔逊·阿依 吐尔孙·阿依|帕提古丽·司马义 帕提古丽·斯马义|努尔买买提·卡德尔 努尔麦麦提·卡迪尔
依明·艾山 伊明·艾山|再娜甫·玉素甫 再娜普·玉苏甫|阿依夏木·肉孜 阿依夏木·茹孜|穆合塔尔·尼亚孜 木合塔尔·尼亚孜
热依汗·萨迪克 热依汗·沙迪克|库尔班·依明 库尔班·伊敏|米热古丽·阿不来提 米热姑丽·阿不来提|哈力克·达吾提 哈里克·达吾提
居来提·阿西木 居来提·阿希木|沙吾提·克里木 沙吾提·克力木|布海丽且姆·伊布拉因 布海力且木·依布拉因|阿布力孜·热介甫 阿布力孜·热杰甫""".replace("\n", "|").split("|")
DOTTED = """阿卜杜拉·买买提 古丽娜尔·热合曼 艾合买提·托合提 买买提·艾力 帕提古丽·司马义 依明·艾山 再娜甫·玉素甫 库尔班·依明
哈斯·巴特尔 乌兰·其木格 扎西·次仁 卓玛·央金 洛桑·丹增 达娃·卓嘎 赛力克·哈森 叶尔兰·木合亚提 居马别克·阿山 马合木提·沙吾提
热依拉·艾尼瓦尔 努尔兰·阿不都""".split()
TITLES = "先生 女士 老师 师傅 经理 老板 医生 主任 书记 队长 某 某某 同志 律师 大爷 阿姨".split()
FOREIGN_READINGS = """张伟 ZhangWei|张伟 zhang wei|王芳 WANG FANG|李建国 Li Jianguo|刘洋 LIU YANG|陈静 Chen Jing|赵敏 Zhao Min
杨丽 YANG LI|周杰 Zhou Jie|吴刚 WU GANG|孙悦 Sun Yue|马超 MA CHAO|高峰 Gao Feng|郭靖 GUO JING|欧阳锋 Ouyang Feng|司马光 Sima Guang
曾志伟 Zeng Zhiwei|单雄信 Shan Xiongxin|吕布 Lyu Bu|徐静蕾 XU JINGLEI""".replace("\n", "|").split("|")
FORMER = """王小芳（曾用名：王芳） 王小芳|张卫国(曾用名张伟) 张卫国|李强(男) 李强|赵敏（已故） 赵敏|刘洋（法定代表人） 刘洋
陈 静 陈静|杨　柳 杨柳|周杰伦先生 周杰伦|吴刚同志 吴刚|法定代表人：孙悦 孙悦|马超。 马超|1.高峰 高峰|郭靖等3人 郭靖|何炅老师 何炅""".replace("\n", "|").split("|")

REGIONS = "兰州市 天水市 西安市 成都市 银川市 西宁市 武威市 张掖市 酒泉市 庆阳市".split()
BRANDS = """老马 德顺 金城 瑞丰 恒昌 鸿运 祥泰 宏远 天源 永盛 汇丰源 陇上香 福满楼 聚贤 清源 华晟 博远 启航 锦绣 康泰
众合 安泰 顺达 佳禾 金穗 东岭 盛世 百合 星河 九州""".split()
TRADES = "餐饮 建筑工程 商贸 物业管理 物流 文化传媒 信息技术 医药 装饰工程 汽车销售 人力资源 建材 食品 旅行社 环保科技".split()
BRAND_SOUND = """老马 劳马|德顺 得顺|瑞丰 瑞峰|恒昌 衡昌|鸿运 红运|祥泰 翔泰|宏远 鸿远|天源 天元|永盛 永胜|华晟 华盛|博远 博源|启航 起航
康泰 康太|众合 众和|顺达 舜达|佳禾 嘉和|盛世 盛事|清源 青源|福满楼 富满楼""".replace("\n", "|").split("|")
BRAND_NEAR = """老马 新马|老马 老牛|德顺 德胜|瑞丰 瑞祥|恒昌 恒泰|鸿运 鸿福|祥泰 祥云|宏远 宏图|天源 天成|永盛 永安|华晟 华宇|博远 博大
康泰 康宁|众合 众诚|顺达 顺风|佳禾 佳美|金穗 金谷|盛世 盛唐|清源 清泉|福满楼 福满园""".replace("\n", "|").split("|")
ABBREVIATIONS = """中国石油天然气股份有限公司 中石油|中国石油化工集团有限公司 中石化|兰州大学第二医院 兰大二院|中国建筑集团有限公司 中建集团
甘肃省人民医院 省人民医院|中国移动通信集团甘肃有限公司 甘肃移动|中国农业银行股份有限公司 农行|中国工商银行股份有限公司 工行
国家电网有限公司 国网|国网甘肃省电力公司 甘肃电力|甘肃省公路航空旅游投资集团有限公司 甘肃公航旅|中国铁路兰州局集团有限公司 兰州铁路局
中国人民财产保险股份有限公司 人保财险|中国平安人寿保险股份有限公司 平安人寿|兰州兰石集团有限公司 兰石集团|酒泉钢铁（集团）有限责任公司 酒钢集团
金川集团股份有限公司 金川集团|西北师范大学 西北师大|甘肃中医药大学附属医院 甘肃中医附院|兰州理工大学 兰理工|中国电信股份有限公司 中国电信
华为技术有限公司 华为|阿里巴巴集团控股有限公司 阿里巴巴|腾讯科技（深圳）有限公司 腾讯|北京三快在线科技有限公司 三快在线
甘肃国芳工贸（集团）股份有限公司 国芳集团|兰州市自来水（集团）有限公司 兰州自来水公司|读者出版传媒股份有限公司 读者传媒
甘肃银行股份有限公司 甘肃银行|兰州银行股份有限公司 兰州银行""".replace("\n", "|").split("|")
BODIES = """兰州市第一中学 兰州市第一小学|兰州市第一人民医院 兰州市第二人民医院|城关区人民法院 七里河区人民法院|兰州市公安局 兰州市司法局
皋兰县第三中学 皋兰县第四中学|甘肃省人民检察院 兰州市人民检察院|雁滩街道办事处 渭源路街道办事处|白银路社区居民委员会 酒泉路社区居民委员会
兰州市城关区教育局 兰州市安宁区教育局|红星村村民委员会 东风村村民委员会|第一建筑工程公司 第二建筑工程公司|兰州市民政局 兰州市民政局殡仪馆
兰州市实验幼儿园 兰州市保育院|西固区税务局 安宁区税务局|兰州市残疾人联合会 兰州市妇女联合会""".replace("\n", "|").split("|")

MARKS = """老马家 金鼎 马有布 福满楼 东方宫 陇上香 吾穆勒 萨达姆 舌尖尖 占国 安泊尔 磨沟沿 厚道 苍鹰 黄师傅 王婆 蜀香源 渝味 湘子
小肥羊 巴奴 金牌 丽江 一品 百味""".split()
SHOP_TRADES = "牛肉面 火锅 烤肉 酒店 超市 药房 理发 茶楼 幼儿园 网吧 便利店 宾馆".split()
MARK_SOUND = """老马家 劳马家|金鼎 金顶|福满楼 富满楼|东方宫 东方公|陇上香 垄上香|厚道 后道|黄师傅 皇师傅|蜀香源 蜀湘源|渝味 鱼味|湘子 香子
小肥羊 小肥洋|巴奴 芭奴|金牌 金排|一品 壹品|百味 佰味|丽江 漓江|占国 战国|苍鹰 仓鹰|王婆 王坡|舌尖尖 蛇尖尖""".replace("\n", "|").split("|")
MARK_OTHER = """老马家 老牛家|老马家 小马家|金鼎 金鑫|福满楼 福满园|东方宫 西部宫|陇上香 陇原香|厚道 厚德|黄师傅 康师傅|蜀香源 蜀九香|渝味 渝都
湘子 湘君|小肥羊 小尾羊|巴奴 巴国|金牌 银牌|一品 一家|百味 百顺|占国 占山|王婆 张婆|舌尖尖 指尖尖""".replace("\n", "|").split("|")


def pairs(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """`left right` apart; blanks inside the left name stay with it."""
    for text in texts:
        left, _, right = text.strip().rpartition(" ")
        if "zhang" in right.lower() or right.isascii():
            left, _, right = text.strip().partition(" ")
        yield left, right


def person() -> Iterator[Row]:
    """Pairs of names of people."""
    surname = cycle(SURNAMES)

    def row(left: str, right: str, label: str, category: str, strength: str) -> Row:
        return "person", left, right, label, category, strength

    for left, right in pairs(TRADITIONAL):
        yield row(left, right, "same", "traditional", "strong")
    for left, right in pairs(FORMER):
        yield row(left, right, "same", "notes and blanks", "strong")
    for name in (s + g for s, g in zip(SURNAMES, GIVEN, strict=False)):
        yield row(f"{name[0]}　{name[1:]}", name, "same", "notes and blanks", "strong")
    for one, other in pairs(HOMOPHONES):
        for s in islice(surname, 2):
            yield row(s + one, s + other, "same", "homophone", "weak")
    for one, other in pairs(NEAR_SOUNDS):
        for s in islice(surname, 2):
            yield row(s + one, s + other, "same", "near sound", "weak")
    for text in TWO_ALIKE:
        one, other = text.split("|")
        for s in islice(surname, 2):
            yield row(s + one, s + other, "different", "homophone of two ordinary names", "weak")
    for one, other in pairs(LOOKALIKES):
        for s in islice(surname, 2):
            yield row(s + one, s + other, "same", "look-alike", "weak")
    for number, title in enumerate(TITLES):
        for s, given in islice(zip(SURNAMES[number:], GIVEN, strict=False), 4):
            yield row(s + title, s + given, "same", "title", "weak")
            other = SURNAMES[(SURNAMES.index(s) + 5) % len(SURNAMES)]
            yield row(s + title, other + given, "different", "title of another surname", "strong")
    for s, given in zip(SURNAMES[:16], GIVEN, strict=False):
        yield row(f"老{s}", s + given, "same", "nickname", "weak")
        yield row(f"小{s}", s + given, "same", "nickname", "weak")
        yield row(f"阿{given[-1]}", s + given, "same", "nickname", "weak")
        yield row(f"{s}**", s + given, "same", "masked name", "weak")
        yield row(f"{s}*{given[-1]}", s + given, "same", "masked name", "weak")
        yield row(f"{s}某{given[-1]}", SURNAMES[-1 - SURNAMES.index(s)] + given, "different", "masked name", "strong")
    for left, right in pairs(UYGHUR):
        yield row(left, right, "same", "transliterated: other spelling", "weak")
    for name, other in zip(DOTTED, DOTTED[3:] + DOTTED[:3], strict=True):
        own, father = name.split("·")
        yield row(name, f"{own}•{father}", "same", "transliterated: other dot", "strong")
        yield row(name, f"{own}.{father}", "same", "transliterated: other dot", "strong")
        yield row(name, own + father, "same", "transliterated: no dot", "strong")
        yield row(name, own, "same", "transliterated: own name only", "weak")
        yield row(name, f"{own}·{other.split('·')[1]}", "different", "transliterated: another father", "strong")
        yield row(name, f"{other.split('·')[0]}·{father}", "different", "transliterated: a sibling", "strong")
    for s, given, other in zip(COMPOUND, GIVEN, GIVEN[7:], strict=False):
        yield row(f"{s} {given}", s + given, "same", "compound surname", "strong")
        yield row(f"{s}女士", s + given, "same", "compound surname", "weak")
        yield row(s + given, s + other, "different", "compound surname", "strong")
        yield row(s + given, s[0] + given, "different", "compound surname", "weak")
        yield row(s + given[0], s + given, "different", "compound surname", "weak")
    for left, right in pairs(FOREIGN_READINGS):
        yield row(left, right, "same", "pinyin", "weak")
    family = list(zip(SURNAMES, GIVEN, GIVEN[11:] + GIVEN[:11], strict=False))
    for s, given, other in family:
        yield row(s + given, s + other, "different", "same surname", "strong")
        yield row(s + given, s + given[0] + other[1], "different", "siblings of one generation name", "strong")
        yield row(s + given, s + other[0] + given[1], "different", "one character different", "strong")
        yield row(s + given, s + given[0], "different", "a character more", "weak")
        yield row(s + given, s + given[::-1], "different", "characters swapped", "weak")
        another = SURNAMES[(SURNAMES.index(s) + 9) % len(SURNAMES)]
        yield row(s + given, another + given, "different", "another surname", "strong")
        yield row(s + given[0], s + other[0], "different", "short names of one surname", "strong")
    for s, given, other in family[:20]:
        # a son who carries his father's first character, and nothing but the surname
        yield row(s + given, s + other[1] + given[0], "different", "father and son", "strong")
        if given[0] != "晓":
            yield row(s + given, s + "小" + given[1], "different", "father and son", "weak")


def company() -> Iterator[Row]:
    """Pairs of names of companies and bodies."""

    def row(left: str, right: str, label: str, category: str, strength: str) -> Row:
        return "company", left, right, label, category, strength

    made = [(REGIONS[i % len(REGIONS)], brand, TRADES[i % len(TRADES)]) for i, brand in enumerate(BRANDS)]
    for i, (region, brand, trade) in enumerate(made):
        whole = f"{region}{brand}{trade}有限公司"
        yield row(whole, f"{region}{brand}{trade}有限责任公司", "same", "form written otherwise", "strong")
        yield row(whole, f"{region[:-1]}{brand}{trade}有限公司", "same", "region without its ending", "strong")
        yield row(whole, f"{brand}{trade}有限公司", "same", "region omitted", "strong")
        yield row(whole, f"{brand}（{region[:-1]}）{trade}有限公司", "same", "region in brackets", "strong")
        yield row(whole, f"{brand}({region[:-1]}){trade}有限公司", "same", "region in brackets", "strong")
        yield row(whole, f"{region}{brand}{trade}公司", "same", "form shortened", "strong")
        yield row(whole, f"{brand}{trade}", "same", "region and form omitted", "weak")
        yield row(whole, f"{brand}公司", "same", "字号 only", "weak")
        yield row(whole, f"{region}{brand}{trade}股份有限公司", "same", "form changed", "weak")
        yield row(whole, f"{whole}城关分公司", "different", "branch", "strong")
        yield row(f"{whole}城关分公司", f"{whole}七里河分公司", "different", "two branches", "strong")
        yield row(f"{whole}城关分公司", f"{brand}{trade}有限公司城关分公司", "same", "branch: region omitted", "strong")
        trade_of_another = TRADES[(i + 4) % len(TRADES)]
        yield row(whole, f"{region}{brand}{trade_of_another}有限公司", "different", "字号 in another trade", "strong")
        abroad = REGIONS[(i + 3) % len(REGIONS)]
        yield row(whole, f"{abroad}{brand}{trade}有限公司", "different", "another region", "weak")
        brand_of_another = BRANDS[(i + 7) % len(BRANDS)]
        yield row(whole, f"{region}{brand_of_another}{trade}有限公司", "different", "another 字号", "strong")
        yield row(whole, f"{abroad}{brand_of_another}{trade_of_another}有限公司", "different", "all different", "strong")
    for i, (one, other) in enumerate(pairs(BRAND_SOUND)):
        region, trade = REGIONS[i % len(REGIONS)], TRADES[i % len(TRADES)]
        names = (f"{region}{one}{trade}有限公司", f"{region}{other}{trade}有限公司")
        yield row(*names, "same", "homophone", "weak")
        yield row(names[0], f"{region}{other}{TRADES[(i + 5) % len(TRADES)]}有限公司", "different",
                  "homophone in another trade", "strong")  # fmt: skip
    for i, (one, other) in enumerate(pairs(BRAND_NEAR)):
        region, trade = REGIONS[i % len(REGIONS)], TRADES[i % len(TRADES)]
        names = (f"{region}{one}{trade}有限公司", f"{region}{other}{trade}有限公司")
        yield row(*names, "different", "one character different", "strong")
    for left, right in pairs(ABBREVIATIONS):
        yield row(left, right, "same", "abbreviation", "weak")
    for left, right in pairs(BODIES):
        yield row(left, right, "different", "two bodies", "strong")
        yield row(left, left.replace("兰州市", "蘭州市").replace("区", "區").replace("村", "村 "), "same",
                  "traditional", "strong")  # fmt: skip


def trade_name() -> Iterator[Row]:
    """Pairs of marks and shop names."""

    def row(left: str, right: str, label: str, category: str, strength: str) -> Row:
        return "trade_name", left, right, label, category, strength

    for i, mark in enumerate(MARKS):
        trade = SHOP_TRADES[i % len(SHOP_TRADES)]
        whole = mark + trade
        yield row(whole, f"{whole}（城关店）", "same", "branch in brackets", "strong")
        yield row(f"{whole}(城关店)", f"{whole}（雁滩店）", "same", "two branches of a shop", "strong")
        yield row(whole, f"{mark}·{trade}", "same", "signs", "strong")
        yield row(f"{mark}®{trade}", whole, "same", "signs", "strong")
        yield row(whole, mark, "same", "mark without its trade", "weak")
        other = SHOP_TRADES[(i + 5) % len(SHOP_TRADES)]
        yield row(whole, mark + other, "different", "mark in another trade", "weak")
        another = MARKS[(i + 7) % len(MARKS)]
        yield row(whole, another + trade, "different", "another mark", "strong")
        yield row(whole, another + other, "different", "all different", "strong")
        yield row(f"{mark}{trade}旗舰店", f"{mark}{trade}", "same", "shop ending", "strong")
    for i, (one, other) in enumerate(pairs(MARK_SOUND)):
        trade = SHOP_TRADES[i % len(SHOP_TRADES)]
        yield row(one + trade, other + trade, "same", "homophone", "weak")
    for i, (one, other) in enumerate(pairs(MARK_OTHER)):
        trade = SHOP_TRADES[i % len(SHOP_TRADES)]
        yield row(one + trade, other + trade, "different", "one character different", "strong")


def rows() -> list[Row]:
    """All pairs, none of them twice and none of two equal cells."""
    found: dict[tuple[str, str, str], Row] = {}
    for row in (*person(), *company(), *trade_name()):
        if row[1] != row[2]:
            found.setdefault(row[:3], row)
    return list(found.values())


if __name__ == "__main__":
    with (Path(__file__).parent / "names.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("kind", "left", "right", "label", "category", "strength"))
        writer.writerows(rows())
