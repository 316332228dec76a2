"""The merchants of 湖滨步行街, all invented: what they sell, where, and how many feet they draw.

`pull` is a merchant's share of visits relative to the others, in no unit; it falls off like 1/rank.
"""

from __future__ import annotations

from dataclasses import dataclass

NAME = "湖滨步行街"
SLUG = "hubin"
CURRENCY = "CNY"
TIME_ZONE = "Asia/Shanghai"

ZONES = ("east", "west", "south", "north", "central")


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


_PLACES = {"east": "东街", "west": "西街", "south": "南门", "north": "北里", "central": "中庭"}

_SHARES: tuple[tuple[float, ...], ...] = ((1.0,), (0.65, 0.35), (0.5, 0.3, 0.2))
"""How a merchant's visits divide among its one, two or three stores."""

_TABLE: tuple[tuple[str, str, str, int, str], ...] = (
    # code, name, category, pull, stores as "zone area_m2"
    ("A101", "柳浪小灶", "catering", 100, "east 260, central 180"),
    ("A102", "石桥面馆", "catering", 52, "east 95, south 80, north 70"),
    ("A103", "望湖楼下火锅", "catering", 30, "east 420"),
    ("A104", "桂雨甜水铺", "catering", 21, "east 48, west 40"),
    ("A105", "三更烧烤", "catering", 14, "north 150"),
    ("A106", "松间素食", "catering", 6, "south 130"),
    ("A201", "青芽茶事", "tea", 72, "central 60, east 45, west 45"),
    ("A202", "半盏冷泡茶", "tea", 40, "south 35, north 32"),
    ("A203", "山外茶庄", "tea", 9, "west 110"),
    ("A301", "麦垄烘焙", "bakery", 44, "central 75, south 60"),
    ("A302", "晨炉面包房", "bakery", 12, "north 55"),
    ("B101", "织云女装", "fashion", 33, "central 210, east 160"),
    ("B102", "阔步男装", "fashion", 18, "east 190"),
    ("B103", "蓝印布坊", "fashion", 7, "west 85"),
    ("B104", "拾衣集", "fashion", 16, "south 240, central 150"),
    ("B105", "缓步鞋履", "fashion", 13, "central 120"),
    ("B106", "行囊箱包", "fashion", 5, "north 90"),
    ("B201", "沉鱼珠宝", "jewellery", 6, "central 70"),
    ("B202", "一粟银饰", "jewellery", 8, "west 38"),
    ("B301", "梨白美妆", "beauty", 36, "central 140, east 90"),
    ("B302", "木槿护肤", "beauty", 11, "south 65"),
    ("B303", "剪影发型", "beauty", 10, "north 80"),
    ("C101", "纸上湖山书店", "books", 48, "west 360, central 120"),
    ("C102", "旧页书屋", "books", 6, "west 60"),
    ("C201", "声谷唱片", "culture", 28, "west 95"),
    ("C202", "墨痕文房", "culture", 5, "west 50"),
    ("C203", "竹影戏院", "culture", 4, "west 480"),
    ("C301", "星湖影城", "cinema", 62, "north 2600"),
    ("C401", "湖上伴手礼", "gifts", 24, "central 55, south 45, west 40"),
    ("C402", "泥人小铺", "gifts", 4, "west 28"),
    ("C403", "花信花店", "gifts", 9, "south 42"),
    ("D101", "新原数码", "electronics", 20, "north 310, central 130"),
    ("D102", "清听耳机馆", "electronics", 5, "north 60"),
    ("D201", "邻鲜超市", "supermarket", 88, "south 1450, north 680"),
    ("D202", "街角便利", "supermarket", 56, "east 60, west 55, north 58"),
    ("D301", "百草安药房", "pharmacy", 26, "south 160, east 110"),
    ("D302", "明眸眼镜", "optics", 6, "east 75"),
    ("D401", "奔野运动", "sports", 22, "north 280"),
    ("D402", "风轮骑行", "sports", 4, "north 140"),
    ("D501", "小鹿童装", "children", 15, "south 130"),
    ("D502", "积木星球", "children", 11, "north 220"),
    ("D601", "棉与木家居", "home", 10, "south 340"),
)


def _merchant(code: str, name: str, category: str, pull: int, places: str) -> Merchant:
    spots = [place.split() for place in places.split(", ")]
    shares = _SHARES[len(spots) - 1]
    stores = tuple(
        Store(f"{code}-{number}", f"{name}{_PLACES[zone]}店", zone, int(area), code, category, pull * share)
        for number, ((zone, area), share) in enumerate(zip(spots, shares, strict=True), start=1)
    )
    return Merchant(code, name, category, stores)


USUAL_HOURS = ("10:00", "22:00")
HOURS: dict[str, tuple[str, str]] = {
    "catering": ("10:00", "23:30"),
    "tea": ("09:00", "22:30"),
    "bakery": ("07:00", "22:00"),
    "cinema": ("10:00", "01:30"),
    "supermarket": ("07:00", "23:00"),
    "pharmacy": ("08:00", "22:30"),
}
"""By category, when stores open and close: never less than `history` has them busy."""


def opening_hours(store: Store) -> list[dict[str, str]]:
    """As the API takes them."""
    opens, closes = HOURS.get(store.category, USUAL_HOURS)
    return [{"from": opens, "to": closes}]


MERCHANTS: tuple[Merchant, ...] = tuple(_merchant(*row) for row in _TABLE)
STORES: tuple[Store, ...] = tuple(store for merchant in MERCHANTS for store in merchant.stores)

GOODS: dict[str, tuple[str, ...]] = {
    "catering": ("堂食套餐", "时令小炒", "例汤", "外带便当"),
    "tea": ("鲜奶茶", "冷泡绿茶", "散装龙井", "茶点"),
    "bakery": ("吐司", "可颂", "生日蛋糕", "曲奇"),
    "fashion": ("衬衫", "外套", "长裤", "帆布鞋", "手提包"),
    "jewellery": ("银戒指", "珍珠耳钉", "手链"),
    "beauty": ("面霜", "口红", "洗发护理", "面膜"),
    "books": ("小说", "绘本", "地方志", "杂志"),
    "culture": ("唱片", "毛笔", "演出票"),
    "cinema": ("电影票", "爆米花套餐"),
    "gifts": ("丝巾", "藕粉礼盒", "鲜花束", "泥塑摆件"),
    "electronics": ("充电器", "耳机", "手机壳", "键盘"),
    "supermarket": ("日用百货", "生鲜", "零食", "饮料"),
    "pharmacy": ("维生素", "感冒药", "创可贴"),
    "optics": ("隐形眼镜", "镜架"),
    "sports": ("跑鞋", "运动上衣", "护具"),
    "children": ("童装", "积木", "玩偶"),
    "home": ("床品", "餐具", "香薰"),
}
"""What a receipt of each category may list."""
