"""What the goods are: rare-earth oxides, headings, places goods are trans-shipped through, words for them.

Densities are handbook values of the pure oxide (CRC Handbook of Chemistry and Physics); a powder packs to
28-42 % of it. Headings are those of the Harmonized System 2022. Nothing here is a price: prices come from the
declarations themselves, by element and month.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Element:
    """One rare-earth element as it is traded: names, oxide, true density of the oxide in g/cm3."""

    symbol: str
    zh: str
    en: str
    oxide: str
    density: float


ELEMENTS = (
    Element("La", "镧", "lanthanum", "La2O3", 6.51),
    Element("Ce", "铈", "cerium", "CeO2", 7.22),
    Element("Pr", "镨", "praseodymium", "Pr6O11", 6.90),
    Element("Nd", "钕", "neodymium", "Nd2O3", 7.24),
    Element("Sm", "钐", "samarium", "Sm2O3", 8.35),
    Element("Eu", "铕", "europium", "Eu2O3", 7.40),
    Element("Gd", "钆", "gadolinium", "Gd2O3", 7.41),
    Element("Tb", "铽", "terbium", "Tb4O7", 7.30),
    Element("Dy", "镝", "dysprosium", "Dy2O3", 7.81),
    Element("Ho", "钬", "holmium", "Ho2O3", 8.41),
    Element("Er", "铒", "erbium", "Er2O3", 8.64),
    Element("Tm", "铥", "thulium", "Tm2O3", 8.60),
    Element("Yb", "镱", "ytterbium", "Yb2O3", 9.17),
    Element("Lu", "镥", "lutetium", "Lu2O3", 9.42),
    Element("Y", "钇", "yttrium", "Y2O3", 5.01),
    Element("Sc", "钪", "scandium", "Sc2O3", 3.86),
)
BY_SYMBOL = {e.symbol: e for e in ELEMENTS}
LOOSEST_PACKING = 0.28
LIGHTEST_OXIDE_T_M3 = LOOSEST_PACKING * min(e.density for e in ELEMENTS)
"""Bulk density below which a powder is no pure rare-earth oxide, however loosely packed."""

STRATEGIC_HEADINGS = ("280530", "284610", "284690", "850511")
"""Rare-earth metals, cerium compounds, other rare-earth compounds, permanent magnets (HS 2022)."""

TRANSIT_PLACES = frozenset(
    [
        "AE",
        "AM",
        "BY",
        "GE",
        "HK",
        "ID",
        "KG",
        "KH",
        "KZ",
        "LA",
        "MM",
        "MN",
        "MO",
        "MX",
        "MY",
        "PH",
        "RS",
        "SG",
        "TH",
        "TJ",
        "TR",
        "UZ",
        "VN",
    ]
)
"""Places through which controlled goods have been reported to be re-exported; being one proves nothing alone."""

HEADING_WORDS: dict[str, str] = {
    "250700": "高岭土 高岭粘土 瓷土 kaolin kaolinic clay china clay",
    "252910": "长石 钾长石 钠长石 feldspar",
    "253090": "矿物原料 天然矿物 未列名矿产品 mineral substances not elsewhere specified",
    "280530": "稀土金属 钪 钇 rare-earth metals scandium yttrium",
    "281820": "氧化铝 煅烧氧化铝 aluminium oxide alumina calcined",
    "282560": "氧化锆 二氧化锗 zirconium dioxide zirconia germanium oxides",
    "284610": "铈的化合物 氧化铈 碳酸铈 cerium compounds cerium oxide ceria",
    "284690": "稀土化合物 稀土氧化物 钇钪化合物 compounds of rare-earth metals yttrium scandium oxide",
    "320710": "颜料 陶瓷颜料 遮光剂 着色剂 pigments opacifiers colours for ceramics",
    "320720": "珐琅 釉料 陶瓷釉 vitrifiable enamels glazes engobes",
    "320740": "玻璃料 玻璃粉 熔块 glass frit powder granules",
    "340590": "抛光粉 抛光膏 擦亮剂 polishing powder polishes scouring",
    "382499": "化工助剂 添加剂 混合物 chemical preparations mixtures additives",
    "690911": "实验室用瓷器 laboratory ceramic wares porcelain",
    "690912": "高硬度陶瓷制品 ceramic articles hardness",
    "690919": "技术陶瓷制品 工业陶瓷件 technical ceramic wares industrial ceramics",
    "850511": "永磁铁 钕铁硼磁体 permanent magnets neodymium iron boron",
}
"""The headings these goods hide under or belong under, in words of both languages (HS 2022 scope, our wording)."""

VAGUE_WORDS = (
    "未列名",
    "其他",
    "混合物",
    "样品",
    "原料",
    "复合",
    "n.e.s",
    "not elsewhere",
    "other",
    "mixture",
    "sample",
)
STRATEGIC_WORDS = ("稀土", "富集物", "荧光粉", "钕铁硼", "rare earth", "rare-earth", "ndfeb")


def elements_named(text: str) -> frozenset[str]:
    """Symbols of the elements that a description names, by Chinese name, English name or oxide formula.

    Yttria-stabilised zirconia names yttrium and is no yttrium compound: stabilisers are left out.
    """
    folded = "".join(text.lower().split())
    for stabiliser in (
        "钇稳定",
        "铈稳定",
        "镧稳定",
        "yttria-stabilised",
        "yttria-stabilized",
        "yttriastabili",
    ):
        folded = folded.replace(stabiliser, "")
    return frozenset(
        e.symbol for e in ELEMENTS if e.zh in folded or e.en in folded or e.oxide.lower() in folded
    )
