"""Where people live and firms sit: a made-up prefecture city, its streets, estates, halls and villages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from resolution.synthetic.arrays import Bools, Ints, Strings, objects, pick

PROVINCE = "湖南省"
CITY = "湘陵市"
DISTRICTS = objects(["临湖区", "楚台区", "白鹭区", "南屏区", "桃溪县", "石矶县"])
# county codes of resident IDs and credit codes; the last are other places that people come from
DISTRICT_CODES = np.array([430602, 430603, 430611, 430621, 430623, 430626])
OTHER_CODES = np.array([430104, 430321, 430422, 430523, 430703, 430822, 420106, 360102, 440305, 510104, 522128, 330106])
STREETS = objects(
    [
        "洞庭街道",
        "巴陵街道",
        "枫桥街道",
        "五里街道",
        "南湖街道",
        "学院街道",
        "望江街道",
        "东茅街道",
        "楚王街道",
        "乌坡街道",
        "金鹗街道",
        "花板街道",
        "鹭岛街道",
        "长炼街道",
        "云港街道",
        "陆城街道",
        "屏峰街道",
        "奇岭街道",
        "康王街道",
        "梅溪街道",
        "桃林镇",
        "柳林镇",
        "忠防镇",
        "羊楼镇",
        "石矶镇",
        "筻口镇",
        "月田镇",
        "张谷镇",
        "毛田镇",
        "板桥镇",
    ]
)
STREETS_A_DISTRICT = 5
ROADS = objects(
    [
        "建湘路",
        "巴陵中路",
        "巴陵东路",
        "洞庭北路",
        "洞庭大道",
        "东茅岭路",
        "金鹗中路",
        "南湖大道",
        "五里牌路",
        "求索西路",
        "求索东路",
        "云梦路",
        "岳兴路",
        "站前路",
        "花板桥路",
        "青年中路",
        "青年东路",
        "德胜南路",
        "炮台山路",
        "学院路",
        "湖滨大道",
        "楚天路",
        "通海北路",
        "通海南路",
        "康王大道",
        "鹰山路",
        "枫桥湖路",
        "汴河街",
        "柴家岭路",
        "梅溪路",
        "屈原路",
        "旭园路",
        "仙姑岭路",
        "长岭大道",
        "奇西路",
        "奇东路",
        "龙舟路",
        "游港路",
        "狮子山路",
        "监申桥路",
    ]
)
ESTATES = objects(
    [
        first + last
        for first in [
            "洞庭",
            "南湖",
            "岳州",
            "金鹗",
            "君山",
            "东风",
            "天伦",
            "中天",
            "恒大",
            "丽都",
            "枫林",
            "望岳",
            "湘水",
            "水岸",
            "半岛",
            "学府",
            "阳光",
            "春天",
            "兰亭",
            "凤凰",
            "梧桐",
            "香樟",
            "九龙",
            "御景",
            "锦绣",
            "江南",
            "玫瑰",
            "都市",
            "翰林",
            "状元",
        ]
        for last in ["花园", "小区", "苑", "家园", "名邸", "新村", "公寓", "新城", "雅苑", "国际"]
    ]
)
OFFICES = objects(
    [
        "泰和大厦",
        "步步高写字楼",
        "天伦国际",
        "中天商务楼",
        "恒基大厦",
        "湘商广场",
        "鹏程大厦",
        "金融中心",
        "创新创业园",
        "梦泽产业园",
    ]
)
HALLS = objects(["花板桥建材市场", "巴陵农贸市场", "洞庭大市场", "东茅岭小商品城", "康王钢材市场", "鹰山果蔬批发市场"])
VILLAGES = objects(
    [
        "周家湾",
        "李家冲",
        "刘家坳",
        "陈家桥",
        "黄泥塘",
        "彭家垅",
        "易家坪",
        "许家畈",
        "方家咀",
        "任家屋",
        "龙家洞",
        "何家墩",
        "毛家塅",
        "吴家岭",
        "谢家祠",
        "杨林",
    ]
)
OTHER_CITIES = objects(
    [
        "湖南省长沙市雨花区韶山中路",
        "湖南省株洲市天元区长江南路",
        "湖北省武汉市武昌区中南路",
        "广东省深圳市龙岗区布吉路",
        "江西省南昌市东湖区八一大道",
        "浙江省杭州市西湖区文三路",
        "湖南省邵阳市双清区宝庆东路",
        "贵州省遵义市红花岗区中华路",
        "四川省成都市锦江区红星路",
    ]
)
ESTATE, OFFICE, SHOP, VILLAGE, HALL, ELSEWHERE, GATE = range(7)


@dataclass
class Places:
    """All addresses of the world as columns; an address is known by its row number."""

    kind: Ints
    district: Ints
    street: Ints
    road: Ints
    number: Ints
    name: Ints  # estate, office building, market hall, village or other city, by kind
    building: Ints
    unit: Ints
    room: Ints

    @classmethod
    def empty(cls) -> Places:
        """No address yet."""
        return cls(*(np.zeros(0, dtype=np.int64) for _ in range(9)))

    def __len__(self) -> int:
        return len(self.kind)

    def add(self, rng: np.random.Generator, kinds: Ints) -> Ints:
        """New addresses of the given kinds, all different in practice; returns their row numbers."""
        count = len(kinds)
        district = rng.choice(len(DISTRICTS), size=count, p=[0.22, 0.2, 0.18, 0.14, 0.14, 0.12])
        district = np.where(kinds == VILLAGE, rng.integers(4, 6, size=count), district)
        street = district * STREETS_A_DISTRICT + rng.integers(0, STREETS_A_DISTRICT, size=count)
        name = rng.integers(0, 10**6, size=count)
        # an estate stands at one gate of one road, so its road and number follow from its name and street
        gate = name % len(ESTATES) * 7919 + street * 104729
        road = np.where(kinds == ESTATE, gate % len(ROADS), rng.integers(0, len(ROADS), size=count))
        number = np.where(kinds == ESTATE, gate % 489 + 2, rng.integers(1, 999, size=count))
        hall = kinds == HALL
        road, number = np.where(hall, name % len(HALLS) * 5, road), np.where(hall, name % len(HALLS) * 31 + 8, number)
        district = np.where(hall, name % len(HALLS), district)
        street = np.where(hall, district * STREETS_A_DISTRICT, street)
        start = len(self)
        columns = {
            "kind": kinds,
            "district": district,
            "street": street,
            "road": road,
            "number": number,
            "name": name,
            "building": rng.integers(1, 29, size=count),
            "unit": rng.integers(1, 5, size=count),
            "room": rng.integers(1, 27, size=count) * 100 + rng.integers(1, 9, size=count),
        }
        for key, values in columns.items():
            setattr(self, key, np.concatenate([getattr(self, key), np.asarray(values, dtype=np.int64)]))
        return np.arange(start, start + count)

    def neighbours(self, rng: np.random.Generator, rows: Ints) -> Ints:
        """New addresses in the same building or village as `rows`: other room, or other house."""
        start = len(self)
        for key in ("kind", "district", "street", "road", "number", "name", "building", "unit"):
            setattr(self, key, np.concatenate([getattr(self, key), getattr(self, key)[rows]]))
        room = rng.integers(1, 27, size=len(rows)) * 100 + rng.integers(1, 9, size=len(rows))
        self.room = np.concatenate([self.room, room])
        return np.arange(start, start + len(rows))

    def key(self, row: int) -> tuple[int, ...]:
        """What tells one address from another, whoever wrote it down."""
        return tuple(
            int(getattr(self, name)[row])
            for name in ("kind", "district", "street", "road", "number", "name", "building", "unit", "room")
        )

    def street_names(self, rows: Ints) -> Strings:
        """The 街道 or 镇 of each address."""
        return STREETS[self.street[rows]]

    def texts(self, rows: Ints) -> Strings:
        """Addresses in full, as a careful clerk writes them."""
        none = np.zeros(len(rows), dtype=bool)
        return self.write(rows, ~none, none, none, np.zeros(len(rows), dtype=np.int64))

    def write(self, rows: Ints, province: Bools, bare: Bools, streetless: Bools, style: Ints) -> Strings:
        """Addresses as clerks write them.

        `province`: begins with it; `bare`: begins with the district; `streetless`: the 街道 is left out (never in
        villages, whose town is needed); `style`: 0 号楼-单元-室, 1 幢, 2 栋 without 室, 3 1-2-301.
        """
        frame = pl.DataFrame(
            {
                "kind": self.kind[rows],
                "district": DISTRICTS[self.district[rows]].tolist(),
                "street": STREETS[self.street[rows]].tolist(),
                "road": ROADS[self.road[rows]].tolist(),
                "number": self.number[rows],
                "estate": ESTATES[self.name[rows] % len(ESTATES)].tolist(),
                "office": OFFICES[self.name[rows] % len(OFFICES)].tolist(),
                "hall": HALLS[self.name[rows] % len(HALLS)].tolist(),
                "village": VILLAGES[self.name[rows] % len(VILLAGES)].tolist(),
                "elsewhere": OTHER_CITIES[self.name[rows] % len(OTHER_CITIES)].tolist(),
                "building": self.building[rows],
                "unit": self.unit[rows],
                "room": self.room[rows],
                "province": province,
                "bare": bare,
                "streetless": streetless,
                "style": style,
            }
        )
        column = pl.col
        head = pl.concat_str(
            pl.when(column("province")).then(pl.lit(PROVINCE)).otherwise(pl.lit("")),
            pl.when(column("bare") & ~column("province")).then(pl.lit("")).otherwise(pl.lit(CITY)),
            column("district"),
            pl.when(column("streetless") & (column("kind") != VILLAGE)).then(pl.lit("")).otherwise(column("street")),
        )
        gate = pl.concat_str(head, column("road"), column("number"), pl.lit("号"))
        block = (
            pl.when(column("style") == 0)
            .then(pl.concat_str("building", pl.lit("号楼"), "unit", pl.lit("单元"), "room", pl.lit("室")))
            .when(column("style") == 1)
            .then(pl.concat_str("building", pl.lit("幢"), "unit", pl.lit("单元"), "room", pl.lit("室")))
            .when(column("style") == 2)
            .then(pl.concat_str("building", pl.lit("栋"), "unit", pl.lit("单元"), "room"))
            .otherwise(pl.concat_str("building", pl.lit("-"), "unit", pl.lit("-"), "room"))
        )
        house = column("room") % 100 + column("building") * 9
        text = (
            pl.when(column("kind") == ESTATE)
            .then(pl.concat_str(gate, column("estate"), block))
            .when(column("kind") == OFFICE)
            .then(pl.concat_str(gate, column("office"), column("room"), pl.lit("室")))
            .when(column("kind") == SHOP)
            .then(pl.concat_str(gate, column("room"), pl.lit("室")))
            .when(column("kind") == VILLAGE)
            .then(
                pl.concat_str(head, column("village"), pl.lit("村"), column("unit"), pl.lit("组"), house, pl.lit("号"))
            )
            .when(column("kind") == GATE)
            .then(gate)
            .when(column("kind") == HALL)
            .then(pl.concat_str(gate, column("hall")))
            .otherwise(pl.concat_str(column("elsewhere"), column("number"), pl.lit("号"), block))
        )
        return objects(frame.select(text.alias("text"))["text"].to_list())


def kinds(rng: np.random.Generator, count: int, weights: dict[int, float]) -> Ints:
    """Kinds of address drawn by weight."""
    total = sum(weights.values())
    return rng.choice(list(weights), size=count, p=[weight / total for weight in weights.values()]).astype(np.int64)


def districts(rng: np.random.Generator, count: int) -> Strings:
    """District names, evenly."""
    return pick(rng, DISTRICTS, count)
