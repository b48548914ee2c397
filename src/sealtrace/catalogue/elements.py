"""The elements: symbol, Chinese name, and the atomic weight that every quantity here is computed with.

The table is frozen. A change of any weight is a new version, and each computed quantity states the version
it was computed with, so that no gram moves between two runs. Source: IUPAC Commission on Isotopic Abundances
and Atomic Weights, Standard Atomic Weights 2021, conventional values; elements without one are left out.
"""

from __future__ import annotations

from decimal import Decimal

WEIGHTS_VERSION = "CIAAW-2021"

_TABLE = """
H 氢 1.008, He 氦 4.002602, Li 锂 6.94, Be 铍 9.0121831, B 硼 10.81, C 碳 12.011, N 氮 14.007
O 氧 15.999, F 氟 18.998403162, Ne 氖 20.1797, Na 钠 22.98976928, Mg 镁 24.305, Al 铝 26.9815384
Si 硅 28.085, P 磷 30.973761998, S 硫 32.06, Cl 氯 35.45, Ar 氩 39.95, K 钾 39.0983, Ca 钙 40.078
Sc 钪 44.955907, Ti 钛 47.867, V 钒 50.9415, Cr 铬 51.9961, Mn 锰 54.938043, Fe 铁 55.845
Co 钴 58.933194, Ni 镍 58.6934, Cu 铜 63.546, Zn 锌 65.38, Ga 镓 69.723, Ge 锗 72.630
As 砷 74.921595, Se 硒 78.971, Br 溴 79.904, Kr 氪 83.798, Rb 铷 85.4678, Sr 锶 87.62, Y 钇 88.905838
Zr 锆 91.224, Nb 铌 92.90637, Mo 钼 95.95, Ru 钌 101.07, Rh 铑 102.90549, Pd 钯 106.42
Ag 银 107.8682, Cd 镉 112.414, In 铟 114.818, Sn 锡 118.710, Sb 锑 121.760, Te 碲 127.60
I 碘 126.90447, Xe 氙 131.293, Cs 铯 132.90545196, Ba 钡 137.327, La 镧 138.90547, Ce 铈 140.116
Pr 镨 140.90766, Nd 钕 144.242, Sm 钐 150.36, Eu 铕 151.964, Gd 钆 157.25, Tb 铽 158.925354
Dy 镝 162.500, Ho 钬 164.930329, Er 铒 167.259, Tm 铥 168.934219, Yb 镱 173.045, Lu 镥 174.9668
Hf 铪 178.486, Ta 钽 180.94788, W 钨 183.84, Re 铼 186.207, Os 锇 190.23, Ir 铱 192.217
Pt 铂 195.084, Au 金 196.966570, Hg 汞 200.592, Tl 铊 204.38, Pb 铅 207.2, Bi 铋 208.98040
Th 钍 232.0377, Pa 镤 231.03588, U 铀 238.02891
"""
_ROWS = [row.split() for line in _TABLE.strip().splitlines() for row in line.split(",") if row.strip()]

WEIGHTS: dict[str, Decimal] = {symbol: Decimal(weight) for symbol, _, weight in _ROWS}
CHINESE: dict[str, str] = {symbol: name for symbol, name, _ in _ROWS}
ENGLISH: dict[str, str] = {
    "Sc": "scandium",
    "Y": "yttrium",
    "La": "lanthanum",
    "Ce": "cerium",
    "Pr": "praseodymium",
    "Nd": "neodymium",
    "Sm": "samarium",
    "Eu": "europium",
    "Gd": "gadolinium",
    "Tb": "terbium",
    "Dy": "dysprosium",
    "Ho": "holmium",
    "Er": "erbium",
    "Tm": "thulium",
    "Yb": "ytterbium",
    "Lu": "lutetium",
    "Fe": "iron",
    "Co": "cobalt",
    "Ni": "nickel",
    "Cu": "copper",
    "Al": "aluminium",
    "Mg": "magnesium",
    "Zr": "zirconium",
    "B": "boron",
}  # the names that goods are declared under here
RARE_EARTHS = frozenset(
    ["Sc", "Y", "La", "Ce", "Pr", "Nd", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu"]
)  # without promethium, which no goods contain
