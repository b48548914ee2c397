"""The demo's own words in Chinese and English."""

from __future__ import annotations

from typing import Literal, get_args

Language = Literal["zh", "en"]
LANGUAGES = get_args(Language)

_WORDS: dict[str, tuple[str, str]] = {
    # steps
    "write": ("编写文件", "Writing the documents"),
    "register": ("登记", "Registering"),
    "issue": ("发放带标记的副本", "Issuing marked copies"),
    "leak": ("泄露", "Leaking"),
    "trace": ("溯源与举证", "Tracing and proving"),
    "written": ("已编写 {n} 份文件。", "{n} documents written."),
    "registered": ("已登记 {n} 个版本。", "{n} versions registered."),
    "issued": ("已向 {people} 人发放 {n} 份副本。", "{n} copies issued to {people} people."),
    # leaks
    "renamed": ("改名的副本", "Renamed copy"),
    "resaved-pdf": ("另存的 PDF", "Re-saved PDF"),
    "resaved-docx": ("重新打包的 DOCX", "Repacked DOCX"),
    "screenshot": ("JPEG 截屏", "JPEG screenshot"),
    "photo": ("透视翻拍", "Perspective photo"),
    "cropped-photo": ("裁剪的翻拍", "Cropped photo"),
    "excerpt": ("粘贴的文字", "Pasted text"),
    "unregistered": ("未登记的页面", "Unregistered page"),
    "original": ("未标记的原件截屏", "Screenshot of the unmarked original"),
    # the table
    "head.leak": ("泄露件", "Leak"),
    "head.result": ("结论", "Result"),
    "head.document": ("文件", "Document"),
    "head.version": ("版本", "Version"),
    "head.operator": ("经办人", "Operator"),
    "head.device": ("设备", "Device"),
    "head.ip": ("IP 地址", "IP"),
    "head.chance": ("误认概率", "Chance of error"),
    "head.seconds": ("秒", "Seconds"),
    "head.verified": ("证据验证", "Verified"),
    "head.right": ("正确", "Right"),
    "exact": ("完全吻合", "exact"),
    "strong": ("高度吻合", "strong"),
    "inconclusive": ("不能认定", "inconclusive"),
    "none": ("没有匹配", "none"),
    "yes": ("是", "yes"),
    "no": ("否", "NO"),
    # the pictures
    "panel.original": ("原件", "Original"),
    "panel.marked": ("带标记的副本", "Marked copy"),
    "panel.difference": ("差异 × 32", "Difference × 32"),
    "panel.leaked": ("泄露件", "Leaked"),
    "panel.evidence": ("证据：绿色相符，紫红不符", "Evidence: green agrees, magenta differs"),
    "panel.inside": ("文件内部", "Inside the file"),
    "no accusation": ("不指认任何副本", "No copy is named"),
    "same": ("相同", "same"),
    "changed": ("改变", "changed"),
    "added": ("新增", "added"),
    "missing": ("缺失", "missing"),
    # the end
    "all right": (
        "{n} 个泄露件全部答对；证据文件均已离线验证。",
        "All {n} answers are right, and every evidence file was verified offline.",
    ),
    "some wrong": ("{n} 个答案有误：{names}", "{n} answers are wrong: {names}"),
    "where": ("图片与证据在 {path}", "Pictures and evidence are in {path}"),
    "culprit": (
        "结论指向副本及其登记接收人，并不认定泄露者。",
        "Each answer names a copy and its recipient of record, not a culprit.",
    ),
}


def say(word: str, language: Language, **values: object) -> str:
    """Give a word or sentence in a language."""
    zh, en = _WORDS[word]
    return (zh if language == "zh" else en).format(**values)
