"""The campaign's own words in Chinese and English."""

from __future__ import annotations

_WORDS: dict[str, tuple[str, str]] = {
    "season": ("编写一季报关数据：{rows} 票，六个口岸。", "A season of {rows} declarations at six ports."),
    "ledger": (
        "额度账本先行：{lodged} 票引用许可证，{blocked} 票因超额或不符被拦截，未进入排序。",
        "Exact controls first: {lodged} declarations cite a licence; {blocked} were blocked at the quantity ledger before anything was ranked.",
    ),
    "ranked": (
        "排序完成。前 {targeted} 票按名次、{random} 票按密钥随机抽取，共立案 {cases} 起。",
        "Ranked. The first {targeted} by rank and {random} drawn at random by a key: {cases} cases.",
    ),
    "head.case": ("案件", "Case"),
    "head.port": ("口岸", "Port"),
    "head.goods": ("申报品名", "Declared goods"),
    "head.rank": ("名次", "Rank"),
    "head.why": ("首要理由", "First reason"),
    "head.outcome": ("结果", "Outcome"),
    "port": ("口岸 {n}", "Port {n}"),
    "drawn": ("抽", "drawn"),
    "story": ("其中一案，从首个预警到结案：{case}", "One of them, from first alert to outcome: {case}"),
    "alert": (
        "{day}，{port}：申报“{desc}”{kg} 千克，经 {via} 转口；{of} 票中名列第 {rank}。",
        "{day}, {port}: “{desc}”, {kg} kg, by way of {via}; rank {rank} of {of}.",
    ),
    "reason": ("　- {name}：{text}", "  - {name}: {text}"),
    "reason.doubt": ("　　也可能：{doubt}", "    It may also be: {doubt}"),
    "opened": ("海关李某立案，指控：伪报品名。", "Li of customs opens a case; alleged: misdescription."),
    "taken": (
        "第 4 桶取样封存，荧光读数：Nd {content} %。读数原件入保险库。",
        "Drum 4 is sampled and sealed; X-ray fluorescence reads {content} % Nd. The reading goes to the vault.",
    ),
    "industry": (
        "移送工信：只含样品与读数。双方交接样品，分样化验：Nd2O3 {purity} %，高纯。",
        "Referred to industry: the sample and the reading only. The sample is handed over by two signatures, divided and assayed: Nd2O3 {purity} %, high purity.",
    ),
    "commerce": (
        "移送商务：只含报关单。答复：该出口商无钕的出口许可。",
        "Referred to commerce: the declaration only. Answer: this exporter holds no licence for neodymium.",
    ),
    "police": (
        "移送公安须第二人核准；王某核准后，公安才看得到案件存在。",
        "The referral to the police needs a second person; only after Wang approves do the police learn that the case exists.",
    ),
    "scope": ("各部门所见项数：{seen}。", "Items each department sees: {seen}."),
    "informant": (
        "公安写下一条线索，主办的海关也看不到：{hidden}。",
        "The police write down a lead that not even customs, which leads the case, can see: {hidden}.",
    ),
    "yes": ("属实", "so it is"),
    "no": ("不成立", "NOT SO"),
    "linked": (
        "同一收发货双方另有 {n} 票，同样的伪装，并案。",
        "The same parties have {n} more consignments in the same disguise; joined to the case.",
    ),
    "outcome": (
        "两人签署结果：查扣 {kg} 千克；写明还有哪些可能、为何排除。",
        "Two people sign the outcome: {kg} kg seized; it says what else was possible and why that was ruled out.",
    ),
    "appeal": (
        "收货人申诉，由未参与者张某审理：维持。",
        "The consignee appeals; Zhang, who had no part in it, decides: upheld.",
    ),
    "closed": ("结案。账本条目 {n} 条。", "Closed. {n} entries in the ledger."),
    "chain": (
        "保管链离线验证：{holds}；改动一个字节后：{fails}。",
        "Chain of custody checked offline: {holds}; with one byte altered: {fails}.",
    ),
    "holds": ("成立", "holds"),
    "fails": ("不成立，已发现", "found, does not hold"),
    "learned": (
        "结果回流为标签：{fraud} 票属实，{clean} 票无过错（也是标签），申诉 {appeals} 件。",
        "Outcomes come back as labels: {fraud} borne out, {clean} without fault, which are labels as much; {appeals} appeals.",
    ),
    "estimate": (
        "随机部分：查验 {n} 票，查实 {hits} 票；未被选中货物中的违规率 {low} 至 {high}（95 % 区间，样本小，故宽）。",
        "The random arm: {hits} of {n}; frauds among what was not targeted between {low} and {high} (95 % interval; few picks, so it is wide).",
    ),
    "checked": (
        "全部案件与账本、保险库逐字节核对：{problems} 处不符。账本共 {entries} 条。",
        "Every case compared with ledger and vault, byte for byte: {problems} differences. {entries} entries in all.",
    ),
    "where": ("图、报告与导出文件在 {path}", "Pictures, reports and exports are in {path}"),
    "prompt": (
        "预警是提示，不是结论；结果由两人签署，可以申诉。",
        "An alert is a prompt, not a finding; outcomes are signed by two people and can be appealed.",
    ),
    "missed": (
        "钕粉未进入前列：演示失败。",
        "The neodymium is not among the first: the demonstration failed.",
    ),
}


def say(word: str, language: str, **values: object) -> str:
    """Give a word or sentence in a language."""
    zh, en = _WORDS[word]
    return (zh if language == "zh" else en).format(**values)
