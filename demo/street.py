"""The merchants of 湖滨步行街, all invented: what they sell, where, and how many feet they draw.

`pull` is a merchant's share of visits relative to the others, in no unit; it falls off like 1/rank.
"""

from __future__ import annotations

from dataclasses import dataclass

NAME = "湖滨步行街"
SLUG = "hubin"
CURRENCY = "CNY"
TIME_ZONE = "Asia/Shanghai"

_PLACES = {"east": "东街", "west": "西街", "south": "南门", "north": "北里", "central": "中庭"}
ZONES = tuple(_PLACES.values())
TIERS = (("银卡会员", 100), ("金卡会员", 300))
"""By points earned in a year, the lowest first."""


@dataclass(frozen=True, slots=True)
class Store:
    """A place that sells; `area_m2` in square metres, `pull` its share of visits, relative to all others."""

    code: str
    name: str
    zone: str
    area_m2: int
    merchant_code: str
    category: str
    pull: float


@dataclass(frozen=True, slots=True)
class Merchant:
    """A merchant with one to three stores, its busiest first."""

    code: str
    name: str
    category: str
    stores: tuple[Store, ...]


_SHARES: tuple[tuple[float, ...], ...] = ((1.0,), (0.65, 0.35), (0.5, 0.3, 0.2))
"""How a merchant's visits divide among its one, two or three stores."""

_TABLE: tuple[tuple[str, str, str, int, str], ...] = (
    # code, name, category, pull, stores as "zone area_m2"
    ("A101", "柳浪小灶", "餐饮", 100, "east 260, central 180"),
    ("A102", "石桥面馆", "餐饮", 52, "east 95, south 80, north 70"),
    ("A103", "望湖楼下火锅", "餐饮", 30, "east 420"),
    ("A104", "桂雨甜水铺", "餐饮", 21, "east 48, west 40"),
    ("A105", "三更烧烤", "餐饮", 14, "north 150"),
    ("A106", "松间素食", "餐饮", 6, "south 130"),
    ("A201", "青芽茶事", "茶饮", 72, "central 60, east 45, west 45"),
    ("A202", "半盏冷泡茶", "茶饮", 40, "south 35, north 32"),
    ("A203", "山外茶庄", "茶饮", 9, "west 110"),
    ("A301", "麦垄烘焙", "烘焙", 44, "central 75, south 60"),
    ("A302", "晨炉面包房", "烘焙", 12, "north 55"),
    ("B101", "织云女装", "服饰", 33, "central 210, east 160"),
    ("B102", "阔步男装", "服饰", 18, "east 190"),
    ("B103", "蓝印布坊", "服饰", 7, "west 85"),
    ("B104", "拾衣集", "服饰", 16, "south 240, central 150"),
    ("B105", "缓步鞋履", "服饰", 13, "central 120"),
    ("B106", "行囊箱包", "服饰", 5, "north 90"),
    ("B201", "沉鱼珠宝", "珠宝", 6, "central 70"),
    ("B202", "一粟银饰", "珠宝", 8, "west 38"),
    ("B301", "梨白美妆", "美妆", 36, "central 140, east 90"),
    ("B302", "木槿护肤", "美妆", 11, "south 65"),
    ("B303", "剪影发型", "美妆", 10, "north 80"),
    ("C101", "纸上湖山书店", "图书", 48, "west 360, central 120"),
    ("C102", "旧页书屋", "图书", 6, "west 60"),
    ("C201", "声谷唱片", "文化", 28, "west 95"),
    ("C202", "墨痕文房", "文化", 5, "west 50"),
    ("C203", "竹影戏院", "文化", 4, "west 480"),
    ("C301", "星湖影城", "影院", 62, "north 2600"),
    ("C401", "湖上伴手礼", "礼品", 24, "central 55, south 45, west 40"),
    ("C402", "泥人小铺", "礼品", 4, "west 28"),
    ("C403", "花信花店", "礼品", 9, "south 42"),
    ("D101", "新原数码", "数码", 20, "north 310, central 130"),
    ("D102", "清听耳机馆", "数码", 5, "north 60"),
    ("D201", "邻鲜超市", "超市", 88, "south 1450, north 680"),
    ("D202", "街角便利", "超市", 56, "east 60, west 55, north 58"),
    ("D301", "百草安药房", "药房", 26, "south 160, east 110"),
    ("D302", "明眸眼镜", "眼镜", 6, "east 75"),
    ("D401", "奔野运动", "运动", 22, "north 280"),
    ("D402", "风轮骑行", "运动", 4, "north 140"),
    ("D501", "小鹿童装", "儿童", 15, "south 130"),
    ("D502", "积木星球", "儿童", 11, "north 220"),
    ("D601", "棉与木家居", "家居", 10, "south 340"),
)


def _merchant(code: str, name: str, category: str, pull: int, places: str) -> Merchant:
    spots = [place.split() for place in places.split(", ")]
    shares = _SHARES[len(spots) - 1]
    stores = tuple(
        Store(f"{code}-{number}", f"{name}{_PLACES[zone]}店", _PLACES[zone], int(area), code, category, pull * share)
        for number, ((zone, area), share) in enumerate(zip(spots, shares, strict=True), start=1)
    )
    return Merchant(code, name, category, stores)


USUAL_HOURS = ("10:00", "22:00")
HOURS: dict[str, tuple[str, str]] = {
    "餐饮": ("10:00", "23:30"),
    "茶饮": ("09:00", "22:30"),
    "烘焙": ("07:00", "22:00"),
    "影院": ("10:00", "01:30"),
    "超市": ("07:00", "23:00"),
    "药房": ("08:00", "22:30"),
}
"""By category, when stores open and close: never less than `history` has them busy."""


def opening_hours(store: Store) -> list[dict[str, str]]:
    """As the API takes them."""
    opens, closes = HOURS.get(store.category, USUAL_HOURS)
    return [{"from": opens, "to": closes}]


MERCHANTS: tuple[Merchant, ...] = tuple(_merchant(*row) for row in _TABLE)
STORES: tuple[Store, ...] = tuple(store for merchant in MERCHANTS for store in merchant.stores)

GOODS: dict[str, tuple[str, ...]] = {
    "餐饮": ("堂食套餐", "时令小炒", "例汤", "外带便当"),
    "茶饮": ("鲜奶茶", "冷泡绿茶", "散装龙井", "茶点"),
    "烘焙": ("吐司", "可颂", "生日蛋糕", "曲奇"),
    "服饰": ("衬衫", "外套", "长裤", "帆布鞋", "手提包"),
    "珠宝": ("银戒指", "珍珠耳钉", "手链"),
    "美妆": ("面霜", "口红", "洗发护理", "面膜"),
    "图书": ("小说", "绘本", "地方志", "杂志"),
    "文化": ("唱片", "毛笔", "演出票"),
    "影院": ("电影票", "爆米花套餐"),
    "礼品": ("丝巾", "藕粉礼盒", "鲜花束", "泥塑摆件"),
    "数码": ("充电器", "耳机", "手机壳", "键盘"),
    "超市": ("日用百货", "生鲜", "零食", "饮料"),
    "药房": ("维生素", "感冒药", "创可贴"),
    "眼镜": ("隐形眼镜", "镜架"),
    "运动": ("跑鞋", "运动上衣", "护具"),
    "儿童": ("童装", "积木", "玩偶"),
    "家居": ("床品", "餐具", "香薰"),
}
"""What a receipt of each category may list."""
