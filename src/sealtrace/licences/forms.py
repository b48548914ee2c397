"""The form of goods: the many words of declarations, and the few forms that rules are written for.

Form decides; a customs code never does. A word that is not here leaves the form unknown, and an unknown form
is referred to a person, never cleared.
"""

from __future__ import annotations

METAL, ALLOY, TARGET, MAGNET, OXIDE, COMPOUND = "metal", "alloy", "target", "magnet", "oxide", "compound"
ORE, EQUIPMENT, TECHNOLOGY, SCRAP, UNKNOWN = "ore_or_reagent", "equipment", "technology", "scrap", "unknown"
ASSEMBLY, SENSOR, CATALYST, LUMINESCENT = "assembly", "sensor", "catalyst", "luminescent"
FINISHED, COMPONENT = "finished", "component"

_WORDS = {
    METAL: "metal metal_powder metal_ingot metal_rod metal_foil metal_wire",
    ALLOY: "alloy master_alloy alloy_powder alloy_ingot intermediate_alloy ferroalloy",
    TARGET: "target sputtering_target",
    MAGNET: "magnet magnet_primary magnet_powder magnet_blank magnet_semi magnet_semi_finished magnet_bonded "
    "bonded_magnet sintered_magnet magnet_sintered magnet_material permanent_magnet magnet_steel magnet_ring",
    OXIDE: "oxide oxide_mixture mixed_oxide oxide_powder polishing_powder",
    COMPOUND: "compound compound_mixture salt chloride fluoride carbonate nitrate sulfate sulphate oxalate acetate "
    "hydroxide phosphate solution slurry mixture",
    ORE: "ore_or_reagent ore concentrate ore_concentrate reagent extractant",
    EQUIPMENT: "equipment machine apparatus",
    TECHNOLOGY: "technology technical_data software drawing document technology_carrier data",
    ASSEMBLY: "assembly_rotor_stator rotor stator rotor_assembly stator_assembly",
    SENSOR: "sensor_moulded",
    CATALYST: "catalyst_calcined",
    LUMINESCENT: "phosphor luminescent luminescent_material",
    FINISHED: "finished_product_with_magnet finished_product",
    COMPONENT: "component motor loudspeaker speaker",
    SCRAP: "scrap waste magnet_scrap swarf sludge residue recycled",
    "crystal": "crystal single_crystal laser_crystal scintillator",
    "fibre": "fibre optical_fibre",
    "ceramic": "ceramic ceramic_powder ceramics",
    "hydrogen_storage": "hydrogen_storage",
    "magnetostrictive": "magnetostrictive",
    "magnetic_refrigeration": "magnetic_refrigeration",
}
CANONICAL = {word: form for form, words in _WORDS.items() for word in words.split()}
CHEMICAL = frozenset({METAL, ALLOY, TARGET, MAGNET, OXIDE, COMPOUND})
FUNCTIONAL = frozenset(
    {
        MAGNET,
        LUMINESCENT,
        "crystal",
        "fibre",
        "ceramic",
        "hydrogen_storage",
        "magnetostrictive",
        "magnetic_refrigeration",
    }
)
METALLIC = frozenset(
    {"magnetostrictive", "magnetic_refrigeration", "hydrogen_storage"}
)  # alloys by another name
WITHOUT_MAGNET = frozenset(
    {"finished_product", "component"}
)  # words that don't say that a magnet is in the goods
MAGNET_ELEMENTS = frozenset({"Sm", "Tb", "Dy"})  # what No. 18 lists in magnets
CHINESE = {
    METAL: "金属", ALLOY: "合金", TARGET: "靶材", MAGNET: "永磁材料", OXIDE: "氧化物", COMPOUND: "化合物",
    ORE: "矿产品或药剂", EQUIPMENT: "设备", TECHNOLOGY: "技术", SCRAP: "废料", UNKNOWN: "形态不明",
    ASSEMBLY: "转子或定子组件", SENSOR: "注塑传感器", CATALYST: "焙烧催化剂", LUMINESCENT: "发光材料",
    FINISHED: "装有磁体的成品", COMPONENT: "元器件", "crystal": "晶体", "fibre": "光纤", "ceramic": "陶瓷",
    "hydrogen_storage": "储氢材料", "magnetostrictive": "磁致伸缩材料", "magnetic_refrigeration": "磁制冷材料",
}  # fmt: skip


def form_of(word: str | None) -> str:
    """Give the form a declaration's word means, UNKNOWN for every other word."""
    return CANONICAL.get((word or "").strip().casefold().replace("-", "_").replace(" ", "_"), UNKNOWN)
