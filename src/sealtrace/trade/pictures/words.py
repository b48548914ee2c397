"""The pictures' words in Chinese and English. A missing one fails the test suite."""

from __future__ import annotations

TEXT: dict[str, tuple[str, str]] = {
    "this": ("本票", "this one"),
    "usual": ("通常", "usual"),
    "nine in ten": ("九成同类", "nine in ten peers"),
    "log": ("对数刻度", "log scale"),
    "usd/kg": ("美元/千克", "USD/kg"),
    "as insured": ("按保险推算", "as insured"),
    "declared": ("申报", "declared"),
    "gross/net": ("毛重与净重之比", "gross over net"),
    "t/m3": ("吨/立方米", "t/m³"),
    "kg": ("千克", "kg"),
    "oxides": ("稀土氧化物松装", "rare-earth oxide powders"),
    "granted": ("批准", "granted"),
    "drawn": ("已使用", "drawn"),
    "with licence": ("同类附证", "peers with a licence"),
    "without": ("本票未附证", "this one has none"),
    "wt%": ("质量分数 %", "% by mass"),
    "limit": ("检出限", "detection limit"),
    "lines at": ("特征谱线 {a} 与 {b} keV", "lines at {a} and {b} keV"),
    "days": ("天", "days"),
    "age": ("成立天数", "age in days"),
    "usually stated": ("通常申报", "usually stated"),
    "this address": ("该地址占其申报", "this address, of its declarations"),
    "shared by": ("共用该地址的收货人", "consignees at this address"),
    "this country": ("该国占其申报", "this country, of its declarations"),
    "transit before": ("此前经转口地", "through trans-shipment before"),
    "transit now": ("本季度经转口地", "through trans-shipment this quarter"),
    "pair": ("同一双方", "this pair"),
    "consignee": ("收货人", "consignee"),
    "exporter": ("出口商", "exporter"),
    "confirmed": ("查实 {n} / 查验 {of}", "{n} confirmed of {of} inspected"),
    "sent so": ("同类以此方式", "peers sent this way"),
    "nats": ("证据（奈特）", "evidence in nats"),
    "others": ("同双方其他货物", "the pair's other consignments"),
    "heading": ("申报税号", "declared heading"),
    "nearer": ("更接近", "nearer to"),
    "named": ("品名所含元素", "element named"),
    "lots": ("{n} 票小批量", "{n} small lots"),
    "reported": ("对方统计", "partner reports"),
    "gap": ("差额", "gap"),
    "spreads": ("离散度", "spreads"),
    "map": ("货物流向", "Where goods go"),
    "network": ("关系网络", "Who deals with whom"),
    "series": ("随时间", "Over time"),
    "mirror": ("镜像统计差额", "Mirror gap"),
    "address": ("地址", "address"),
    "phone": ("电话", "telephone"),
    "country": ("国家", "country"),
    "goods": ("货物", "goods"),
}


def say(word: str, language: str, **values: object) -> str:
    """Give a word in a language."""
    zh, en = TEXT[word]
    text = zh if language == "zh" else en
    return text.format(**values) if values else text
