"""The command line's words in Chinese and English. A missing translation fails the test suite."""

from __future__ import annotations

import locale
import os

CHINESE = {
    "already registered": "已登记",
    "alarm": "警告",
    "address": "IP 地址",
    "accused copies": "确认的副本",
    "chance of error": "误认概率",
    "channel": "通道",
    "channels": "通道",
    "checkpoint": "检查点",
    "code": "代码",
    "considered": "参与比对的副本",
    "copies": "副本",
    "copy": "副本",
    "device": "设备",
    "document": "文件",
    "entry": "账本条目",
    "file": "文件",
    "found": "检出",
    "holds": "成立",
    "identified by": "识别依据",
    "identity": "内容标识",
    "issued": "发放时间",
    "kind": "格式",
    "leaf": "叶哈希",
    "level": "密级",
    "also fits": "同样吻合",
    "marks": "标记",
    "name": "名称",
    "no": "否",
    "note": "说明",
    "notes": "说明",
    "operator": "经办人",
    "page": "页",
    "pages": "页数",
    "path": "路径",
    "place": "位置",
    "problem": "问题",
    "purpose": "用途",
    "recipient of record": "登记接收人",
    "registered": "登记时间",
    "result": "结论",
    "runner-up behind": "次高者差距",
    "score": "得分",
    "seconds": "秒",
    "size": "大小",
    "survives": "可经受",
    "threshold": "阈值",
    "title": "标题",
    "trace": "溯源编号",
    "version": "版本",
    "yes": "是",
    "exact": "确切",
    "strong": "有力",
    "inconclusive": "证据不足",
    "none": "未识别",
    "exact.meaning": "泄露件就是这一份副本的原样字节，或带有其经验证的印记。",
    "strong.meaning": "误认概率不高于所要求的界限。",
    "inconclusive.meaning": "已认出文件，但不足以指认任何一份副本。",
    "none.meaning": "不是本系统登记的文件，或残留内容太少。",
    "not a culprit": "结论指向的是副本及其登记接收人，并不等于认定泄露者。",
    "log is consistent": "账本完好",
    "not found": "未找到",
    "erased": "已删除",
    "backup": "备份",
    "backup holds": "备份完好",
    "new bytes": "新增字节",
    "restored": "已恢复",
    "freed": "已释放",
    "entries": "账本条目数",
    "new key": "新密钥",
    "witnesses": "见证方",
    "needed": "所需数量",
    "issuer": "签发方",
    "time": "时间",
    "shard": "分卷",
    "serving at": "服务地址",
    "no alarm": "无警报",
    "origin": "日志名称",
    "forks": "分叉证据",
    "evidence holds": "证据成立",
    "evidence does not hold": "证据不成立",
    "home created": "已建立",
    "keep the key file": "请妥善备份密钥文件；丢失后无法打开保险库。",
    "breaches": "违反账目",
    "candidates": "候选申报",
    "commitment": "密钥承诺",
    "corrected": "更正",
    "declaration": "申报单",
    "declarations": "申报单",
    "draw holds": "抽样成立",
    "known already": "已有",
    "new": "新增",
    "outcomes": "查验结果",
    "random": "随机",
    "reasons": "理由",
    "rows": "行",
    "targeted": "定向",
    "smallest traceable piece": "可溯源的最小片段",
}
ENGLISH = {
    "exact.meaning": "The leak has this copy's own bytes, or carries its authenticated stamp.",
    "strong.meaning": "The chance of error is at or below what was asked for.",
    "inconclusive.meaning": "The file is recognised; there is not enough evidence to name a copy.",
    "none.meaning": "Nothing registered here looks like this, or too little of it is left.",
    "not a culprit": "This names the copy and its recipient of record, not a culprit.",
    "keep the key file": "Back up the key file; without it the vault can't be opened.",
}


def language() -> str:
    """The user's language: zh or en, from LC_ALL, LC_MESSAGES, LANG, in that order."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "zh" if (locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"


def say(word: str) -> str:
    """Give a word in the user's language."""
    return CHINESE.get(word, word) if language() == "zh" else ENGLISH.get(word, word)
