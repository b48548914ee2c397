"""A harmless explanation beside every reason: what else may be true of an honest declaration. Chinese and English."""

from __future__ import annotations

DOUBTS: dict[str, tuple[str, str]] = {
    "licence": ("许可证可能刚获追加，账目尚未更新。", "The licence may have been raised and the account not yet brought up to date."),
    "unlicensed": ("该货物可能低于管制含量，或适用豁免。", "The goods may lie below the controlled content, or an exemption may apply."),
    "xrf": ("仪器可能沾有上一票货物的残留，或谱线重叠。", "The instrument may carry traces of an earlier load, or lines may overlap."),
    "price-low": ("可能是清仓、次品或长期合同价。", "A clearance, off-grade goods or an old contract price."),
    "price-high": ("可能是小批量高规格品。", "A small lot of a higher grade."),
    "insurance": ("保单可能覆盖其他货物，或按重置价投保。", "The policy may cover other goods, or be written at replacement value."),
    "weighbridge": ("托盘、加固或潮气也会增重。", "Pallets, dunnage or moisture weigh too."),
    "density": ("压实或造粒的同种材料也更重。", "The same material is denser when compacted or granulated."),
    "lot": ("样品、试用订单或补货常是小批量。", "Samples, trial orders and top-ups are small."),
    "freight": ("客户停线时也会空运便宜货。", "Cheap goods fly too when a customer's line stands still."),
    "description": ("商品名、口语或翻译可能不规范。", "A trade name, plain speech or a translation."),
    "split": ("按周补货的客户也会如此。", "A customer that restocks weekly looks the same."),
    "party": ("新公司多数是诚实的；园区常共用地址。", "Most new firms are honest; a business park shares its address."),
    "route": ("转口地也有真实的用户和加工厂。", "Places of trans-shipment have real users and plants."),
    "mirror": ("海运时间和统计口径也会造成差额。", "Time at sea and ways of counting make gaps as well."),
    "record": ("过去的违规不说明这一票。", "What was found before says nothing of this load."),
    "company": ("同一合同的各票本来就相似。", "Loads of one contract are alike anyway."),
}  # fmt: skip


def doubt(check: str, language: str) -> str:
    """The harmless explanation for a check; empty for a check that has none."""
    zh, en = DOUBTS.get(check, ("", ""))
    return zh if language == "zh" else en
