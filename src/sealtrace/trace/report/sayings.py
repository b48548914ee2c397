"""What the verifier says, in Chinese: claims, details of what holds, reasons why something does not."""

from __future__ import annotations

import re

from .words import Language

COPY = r"(C[0-9A-Z-]+)"
CLAIMS = (
    ("the file is whole: its signature holds", "文件完整：签名有效"),
    ("the keys belong to the log that made it", "公钥属于出具它的账本"),
    ("the checkpoint is signed by the log", "检查点由账本签名"),
    (r"(.+) has cosigned the checkpoint", r"\1 已联署检查点"),
    ("the home's first entry is in the log", "首条记录在账本中"),
    ("the trace was entered in the log", "此次溯源已记入账本"),
    ("the findings are those that were entered", "溯源结论与记入账本的一致"),
    (rf"copy {COPY} was entered before the trace", r"副本 \1 在溯源之前已入账"),
    (rf"copy {COPY} was marked by the notary too", r"副本 \1 另由公证方标记"),
    (
        rf"copy {COPY} has the stated e-value in the office's half",
        r"副本 \1 出具方半码的 e 值经重新计算相符",
    ),
    (rf"copy {COPY} has the stated e-value in the notary's half", r"副本 \1 公证方半码的 e 值经重新计算相符"),
    (rf"copy {COPY} is named by the weaker half", r"副本 \1 以较弱的一半为准指出"),
    (rf"copy {COPY} has the stated e-value", r"副本 \1 的得分经重算与所述一致"),
    (rf"copy {COPY} is named by its stamp", r"副本 \1 由印记指出"),
    ("the package is whole: its manifest is signed and fits", "证据包完整：清单有签名且相符"),
    (
        "number, chance, models and software were entered before decoding",
        "副本数、概率、模型与软件在解码之前已入账",
    ),
    ("the sealed keys were released by several people before", "封存的密钥事先由多人解封"),
    (rf"copy {COPY} was asked for by its device", r"副本 \1 由其设备签名申领"),
    (rf"copy {COPY} was received by its device", r"副本 \1 由其设备签名签收"),
    ("the accused copies are described", "所指副本附有说明"),
    ("the result follows from the findings", "结论由所列发现得出"),
    ("the findings are of the kind a trace writes", "所列发现符合溯源的格式"),
)
HELD = (
    (r"evidence key ([0-9a-f]+)", r"证据公钥 \1"),
    ("the expected key", "与另行取得的公钥一致"),
    (r".+ \(compare it with the key its operator publishes\)", "文件自带的公钥，尚待核对"),
    (r"(.+), (\d+) entries", r"\1，共 \2 条"),
    (r"entry (\d+), opened (\d+) times before", r"第 \1 条，此前已开启 \2 次"),
    (r"entry (\d+), (\d+) people", r"第 \1 条，\2 人"),
    (r"notary key ([0-9a-f]+)", r"公证方公钥 \1"),
    (
        r"chance of error <= (.+) whichever party is honest, (.+) where both are",
        r"任一方诚实即误指概率 ≤ \1；双方均诚实则 ≤ \2",
    ),
    (r"device key ([0-9a-f]+)", r"设备公钥 \1"),
    (r"(\d+) files", r"\1 个文件"),
    ("who it was is withheld in this copy of the evidence", "此份证据中不披露该人的信息"),
    (r"entry (\d+)", r"第 \1 条"),
    (r"log E = (.+), chance of error <= (.+) over (\d+) copies", r"ln E = \1；\3 份副本中误指概率 ≤ \2"),
    ("exact", "完全吻合"),
    ("strong", "高度吻合"),
    ("inconclusive", "不能认定"),
    ("none", "没有匹配"),
    ("a stamp is checked with the office's key, from the leak itself", "印记须用出具方的密钥、由泄露件验证"),
)
REASONS = (
    (
        "the home promises that every trace is opened beforehand; this file shows no opening",
        "机构承诺每次溯源均先行开启，本文件没有开启记录",
    ),
    ("the trace names another opening", "溯源记录指向另一条开启记录"),
    (
        r"its \w+ is not the trace's",
        "开启记录与溯源记录的内容不同",
    ),
    ("what was entered beforehand is not what the findings used", "事先入账的内容与结论所用的不同"),
    ("the home seals its keys; no release is shown", "机构封存密钥，本文件没有解封记录"),
    ("the opening names another release", "开启记录指向另一次解封"),
    ("it was entered after the opening", "在开启之后才入账"),
    ("it had expired", "解封已过期"),
    ("it is of another tracing key", "属于另一把溯源密钥"),
    ("too few people gave their shares", "提供份额的人数不足"),
    ("what is withheld is no commitment", "未披露的部分不是承诺值"),
    ("the package's manifest can't be read", "无法读取证据包的清单"),
    ("a file in it is not as its manifest says", "包内有文件与清单不符"),
    ("its manifest is for another trace", "清单属于另一次溯源"),
    ("the entry does not commit to the document key", "该记录没有对文件密钥作出承诺"),
    ("a deed was entered after the opening", "有行为记录在开启之后才入账"),
    ("a delivery is of another copy", "交付记录属于另一份副本"),
    ("no device of the recipient signed a request", "没有接收人设备签名的申领"),
    ("the device was enrolled after the copy was issued", "设备在副本发放之后才登记"),
    ("the device was enrolled with another key", "设备登记的是另一把公钥"),
    (r"the request is for another \w+", "申领与该副本不符"),
    (r"the device was enrolled for another \w+", "设备登记在他人名下"),
    ("it is not signed by the device's key", "不是该设备的签名"),
    ("this is nothing that a device signs", "不是设备签名的文件"),
    ("this is not in the one form a device signs: it was altered", "不是设备签名的唯一规范形式：已被改动"),
    (
        r"this is not a copy (?:request|receipt)|this is not a (?:request|receipt) for a copy",
        "不是副本的申领或签收",
    ),
    ("the receipt is for another copy", "签收属于另一份副本"),
    ("the receipt is for other bytes", "签收的字节不同"),
    ("it is not signed by the key it should be", "不是应有密钥的签名"),
    ("the notary's mark is of another copy", "公证方的标记属于另一份副本"),
    ("the notary's mark is for another log", "公证方的标记属于另一账本"),
    ("a half is missing", "缺少一半"),
    ("the log e-value is not the weaker half's", "所写得分不是较弱一半的"),
    ("the chance of error is not the weaker half's", "所写误指概率不是较弱一半的"),
    ("the bound of both halves is another", "两半合计的上界不符"),
    (
        "the home promises two keys, and this is no evidence of both halves",
        "机构承诺双钥，本文件不是两半俱全的证据",
    ),
    (r"this is no notary-mark(?: in its one form)?", r"不是规范形式的公证标记"),
    ("its channel was not weighed", "该通道没有参与比对"),
    ("its channels are others", "其通道与记录不符"),
    ("the models are not those of its channel", "所用模型不属于该通道"),
    ("the signature does not fit", "签名不符"),
    ("the keys do not follow from those the home's first entry names", "公钥不能由首条记录所列公钥推出"),
    ("the log's key is not the expected one", "账本公钥与另行取得的不同"),
    ("a rotation does not follow from the keys before it", "某次换钥与此前的公钥不衔接"),
    ("a rotation is not countersigned by the new key", "某次换钥没有新公钥的副签"),
    ("a rotation's fields do not open its entry", "某次换钥的内容与记录不符"),
    (r"(.+) has not signed it with this key", r"\1 没有用该公钥签名"),
    (r"the signature of .+ does not hold", "检查点上有签名无效"),
    ("no signature on the checkpoint holds under the given keys", "检查点上没有给定公钥的有效签名"),
    ("this is not a signed note", "不是签名文本"),
    ("a signature line of the note is malformed", "签名行格式有误"),
    ("this is not a checkpoint", "不是检查点"),
    ("the checkpoint's size is not a number", "检查点的条目数不是数字"),
    ("the checkpoint's root is not base64", "检查点的树根不是 base64"),
    ("the checkpoint's root has not 32 bytes", "检查点的树根不是 32 字节"),
    (r"this is not a verifier key: .+", "不是有效的验证公钥"),
    ("it is not the log's first entry", "不是账本的首条记录"),
    ("what is disclosed does not open the entry's commitment", "披露的内容与记录的承诺不符"),
    (r"it is an entry about .+, not (.+)", r"该记录不是 \1 事件"),
    ("the statement's media type is not its event's", "声明的媒体类型与事件不符"),
    (r"the (?:statement|receipt) is not in deterministic (?:form|CBOR.*)", "声明或收据不是唯一的规范形式"),
    (r"the (?:statement|receipt) is not a COSE_Sign1", "不是 COSE_Sign1"),
    ("this is not a tagged COSE_Sign1", "不是 COSE_Sign1"),
    (r"the (?:statement|receipt) is not signed with ES256", "不是 ES256 签名"),
    (
        r"the (?:statement|receipt) is signed by a key that is not among the given ones",
        "签名公钥不在给定之列",
    ),
    ("the statement's signature does not hold", "声明的签名无效"),
    ("the receipt's signature does not hold", "收据的签名无效"),
    (r"the statement is not a bare .*hash envelope", "声明不是单纯的摘要封装"),
    (r"the receipt is not an RFC9162_SHA256 receipt with a detached root", "不是 RFC9162_SHA256 收据"),
    ("the receipt holds no single inclusion proof", "收据里没有唯一的包含证明"),
    ("the inclusion proof leads to another root", "包含证明通向另一个树根"),
    (r"the inclusion proof is too (?:short|long or malformed)", "包含证明的长度或格式不对"),
    (r"leaf (\d+) is not in a tree of (\d+)", r"第 \1 条不在 \2 条的树中"),
    ("the receipt is for another entry", "收据属于另一条记录"),
    ("the receipt's tree is not the checkpoint's", "收据的树不是检查点的树"),
    ("the findings differ from those entered", "溯源结论与记入账本的不同"),
    ("the leak's digest differs from the one entered", "泄露件的摘要与记入账本的不同"),
    ("the number of copies differs", "参与比对的副本数不同"),
    ("the result differs from the one entered", "结论与记入账本的不同"),
    ("the accused copies differ from those entered", "所指副本与记入账本的不同"),
    ("the entry is not about a copy", "该记录不是关于副本的"),
    ("the entry is another copy's", "该记录属于另一份副本"),
    ("another version's copy", "属于另一个版本的副本"),
    ("it was entered after the trace", "在溯源之后才入账"),
    ("no piece of the leak has this copy's bytes", "泄露件中没有与该副本相同的字节"),
    ("the codeword is not the one committed at issue", "码字不是发放时承诺的那一个"),
    ("the bias key is not the one committed at issue", "偏置密钥不是发放时承诺的那一个"),
    (r"recomputed log e-value (\S+), stated (\S+)", r"重算得分 \1，文件所述 \2"),
    ("the stated chance of error is another", "所述误指概率不符"),
    ("copies were weighed more often than was paid for", "比对次数多于计入的次数"),
    ("its mixture of models is not known here", "所用的混合模型此处不认识"),
    ("it is below the threshold", "低于阈值"),
    ("there is no such round", "没有这一轮"),
    ("a later round needs the copies named before it", "后一轮缺少此前指出的副本"),
    ("an accused copy lacks its proof", "有副本缺少证明"),
    (r".+ does not follow from (\d+) accused copies", r"由 \1 份所指副本得不出该结论"),
    ("a copy is accused by something that is not proven here", "所依据的理由没有证明"),
    ("an accusation is less sure than what was asked for", "把握低于所要求的程度"),
    (r"can't be checked \((\w+)\)", r"无法完成验证（\1）"),
)
FREE = (
    (r"it is an entry about .+, not (.+)", r"it is not an entry about \1"),
    (r"the signature of .+ does not hold", "a signature on the checkpoint does not hold"),
    (r"this is not a verifier key: .+", "this is not a verifier key"),
    (r".+ does not follow from (\d+) accused copies", r"the result does not follow from \1 accused copies"),
)
"""Reasons that repeat words of the file, without them."""
LONGEST = 160  # a witness' ML-DSA key has 2,600 characters
UNNAMED = {"zh": "未能通过验证", "en": "it could not be verified"}
"""Stands for a reason that is not listed: a file may hold any text, and its words are not repeated."""


def claim(text: str, language: Language) -> str:
    """A claim's words."""
    return text if language == "en" else _say(text, CLAIMS) or text


def detail(text: str, language: Language, *, holds: bool | None) -> str:
    """A claim's detail. Of a failure only known reasons are given."""
    text = text if len(text) <= LONGEST else f"{text[: LONGEST - 20]} ... {text[-12:]}"
    if holds is False:
        known = _say(text, REASONS)
        if known is None:
            return UNNAMED[language]
        return known if language == "zh" else _say(text, FREE) or text
    if language == "en":
        return re.sub(r"^.+ (\(compare it with .+\))$", r"the key in the file \1", text)
    return _say(text, HELD) or text


def _say(text: str, sayings: tuple[tuple[str, str], ...]) -> str | None:
    for pattern, chinese in sayings:
        if found := re.fullmatch(pattern, text, re.S):
            return found.expand(chinese)
    return None
