"""The report's sentences in Chinese and English. A missing one fails the test suite."""

from __future__ import annotations

from typing import Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

TEXT: dict[str, tuple[str, str]] = {
    # head
    "title": ("溯源证据报告", "Report on trace evidence"),
    "trace": ("溯源编号", "Trace"),
    "traced at": ("溯源时间", "Traced at"),
    "for": ("出具方", "Office"),
    "file sha256": ("证据文件 SHA-256", "SHA-256 of the evidence file"),
    "page of": ("第 {page} 页，共 {pages} 页", "Page {page} of {pages}"),
    # verdicts
    "exact": ("完全吻合", "Exact"),
    "strong": ("高度吻合", "Strong"),
    "inconclusive": ("不能认定", "Inconclusive"),
    "none": ("没有匹配", "No match"),
    "fails": ("不成立", "Does not hold"),
    "stamp": ("完全吻合（印记待验证）", "Exact, if the stamp holds"),
    "exact.says": (
        "泄露件与下列副本逐字节相同。误指的概率{words}。",
        "The leak has the very bytes of the copy named below. The chance of naming a wrong copy is {words}.",
    ),
    "stamp.says": (
        "出具方称泄露件带有下列副本的印记。印记须由出具方用其密钥当面验证；在此之前，本报告只证明该副本确曾发放。",
        "The office states that the leak carries the stamp of the copy named below. A stamp is checked by the office, with its key, from the leak; until that is done in your presence, this report proves only that the copy was issued.",
    ),
    "strong.says": (
        "泄露件中读出的标记属于下列副本。误指任何一份无辜副本的概率{words}。",
        "The marks read from the leak are those of the copy named below. The chance of naming any innocent copy is {words}.",
    ),
    "exact.says.many": (
        "泄露件与下列 {n} 份副本逐字节相同。误指的概率{words}。",
        "The leak has the very bytes of the {n} copies named below. The chance of naming a wrong copy is {words}.",
    ),
    "strong.says.many": (
        "泄露件中读出的标记属于下列 {n} 份副本。误指任何一份无辜副本的概率{words}。",
        "The marks read from the leak are those of the {n} copies named below. The chance of naming any innocent copy is {words}.",
    ),
    "inconclusive.says": (
        "已认出文件，但没有足够证据指向任何一份副本。本报告不指认任何人。",
        "The document is recognised; there is not enough evidence to name a copy. This report names nobody.",
    ),
    "half.says": (
        "已认出文件。双钥中只有一半指向某份副本，另一半不指向它：证据不足。这也可能是持有一把密钥的人蓄意嫁祸，须另行调查。本报告不指认任何人。",
        "The document is recognised. Of the two keys' halves only one points to a copy and the other does not: not enough evidence. It may be too little of the leak, or somebody who holds one key and means to frame a recipient, which is to be looked into. This report names nobody.",
    ),
    "none.says": (
        "泄露件不是已登记的文件，或残留内容太少。本报告不指认任何人。",
        "The leak is not a registered document, or too little of it is left. This report names nobody.",
    ),
    "fails.says": (
        "这份证据文件没有通过验证：文件被改动过，或者出具有误。请勿依据它行事。本报告不指认任何人。",
        "This evidence file did not pass verification: it was altered, or it was made wrongly. Do not rely on it. This report names nobody.",
    ),
    "unreadable.says": (
        "这不是证据文件，或者文件已被改动到无法读取。请勿依据它行事。本报告不指认任何人。",
        "This is not an evidence file, or it was altered so that it can't be read. Do not rely on it. This report names nobody.",
    ),
    "ask original": (
        "请向提供方索取原件，核对 SHA-256，再重新验证。",
        "Ask its sender for the original, compare the SHA-256, and verify again.",
    ),
    "copy not person": (
        "这里指出的是副本及其登记接收人，不是泄露者。副本可能被转交、窃取或拍摄。",
        "This names a copy and its recipient of record, not who leaked it. A copy can be passed on, stolen or photographed.",
    ),
    "key open": (
        "账本公钥尚未核对。本报告没有得到出具方另行公布的公钥；任何人都能造出自洽的文件。采信之前，请按第 {section} 节逐字核对公钥。",
        "The log's key was not compared. No key published by the office was given for this report, and anybody can make a file that agrees with itself. Before relying on it, compare the key in section {section}, letter by letter.",
    ),
    "stamp open": (
        "有副本仅凭印记指出，本报告未能验证该印记。",
        "A copy is named by a stamp alone, which this report could not check.",
    ),
    # four facts
    "operator": ("登记接收人", "Recipient of record"),
    "device": ("设备", "Device"),
    "ip": ("IP 地址", "IP address"),
    "issued_at": ("发放时间", "Time of issue"),
    "undisclosed": ("未披露", "not disclosed"),
    # sections
    "what failed": ("没有通过的检查", "What did not hold"),
    "leak": ("泄露件", "What was leaked"),
    "leak.stated": ("以下为文件自称的内容，未获证实。", "What the file says of itself; it is not proved."),
    "piece": ("第 {n} 件", "Piece {n}"),
    "piece.about": ("{size} 字节，{kind}", "{size} bytes, {kind}"),
    "copy": ("文件、副本与登记接收人", "Document, copy and recipient of record"),
    "document": ("文件", "Document"),
    "document.none": ("未识别", "not recognised"),
    "versions": ("同样吻合的版本", "Versions that fit equally well"),
    "version": ("文件与版本", "Document and version"),
    "copy id": ("副本", "Copy"),
    "page": ("页", "Page"),
    "copy sha256": ("副本 SHA-256", "SHA-256 of the copy"),
    "original sha256": ("原件 SHA-256", "SHA-256 of the original"),
    "named by": ("依据", "Named by"),
    "issue entry": ("发放记录", "Issue entry"),
    "entry n": ("账本第 {index} 条", "entry {index} of the log"),
    "error": ("误指概率", "Chance of error"),
    # channels
    "channel.exact": ("字节相同", "exact bytes"),
    "channel.stamp": ("印记（此处未验证）", "stamp (not checked here)"),
    "channel.page": ("页面标记", "page marks"),
    "channel.table": ("数据表标记", "table marks"),
    "channel.order": ("行序", "order of rows"),
    "channel.decoy": ("诱饵行", "decoy rows"),
    "channel.text": ("文字", "text"),
    "channel.other": ("其他", "other"),
    # chance of error
    "chance": ("出错的可能有多大", "How likely is an error"),
    "chance.bounds": (
        "该数值是上界：假如参与比对的 {considered} 份副本全部与泄露无关，其中任何一份仍被指出的概率不超过它。前提是标记密钥未曾泄露。它不依赖泄露件被怎样裁剪、拍摄或混合。",
        "The number is an upper bound: were all {considered} copies that were considered innocent of the leak, the chance that any of them would be named all the same is no larger. It holds however the leak was cropped, photographed or blended, as long as the marking keys were secret.",
    ),
    "chance.halves": (
        "码字的两半分别由出具方与公证方“{notary}”各用自己的密钥生成，一份副本须由两半各自指出。上面的数值取较弱的一半：只要两方之一诚实且其密钥未曾泄露，参与比对的 {considered} 份副本即使全部与泄露无关，其中任何一份被指出的概率也不超过它，无论另一方做了什么。它不依赖泄露件被怎样裁剪、拍摄或混合。",
        "The codeword has two halves, one under the office's key and one under that of the notary, {notary}; both halves, each by itself, must point to a copy. The number is the weaker half's: as long as one of the two parties is honest and kept its key, the chance that any of the {considered} copies considered would be named though all were innocent is no larger, whatever the other party did. It holds however the leak was cropped, photographed or blended.",
    ),
    "half": ("密钥之一", "One of the two keys"),
    "half.office": ("出具方的一半", "the office's half"),
    "half.notary": ("公证方“{notary}”的一半", "the half of the notary, {notary}"),
    "half chance": ("仅凭这一半的误指概率", "Chance of error by this half alone"),
    "both secret": ("双方均诚实时的误指概率", "Chance of error if both are honest"),
    "half alone": (
        "只有一半指向某份副本。另一半可能因残留太少而读不出；也可能是持有一把密钥的人伪造了泄露件。两半不合，不指认任何人。",
        "One half alone points to a copy. Too little may be left for the other half to be read; or somebody who holds one of the keys made the leak. Where the halves do not agree, nobody is named.",
    ),
    "chance.exact": (
        "该数值是上界：另一内容碰巧具有相同 SHA-256 摘要的概率不超过 2 的 128 次方分之一。副本字节的摘要在溯源之前已记入账本。",
        "The number is an upper bound: that other bytes have this SHA-256 digest has a chance of at most 1 in 2 to the power of 128. The digest of the copy's bytes was in the log before the trace.",
    ),
    "chance.stamp": (
        "印记未经验证，本报告不给出该副本的误指概率。印记一经出具方当面验证成立，误指的概率不超过 2 的 128 次方分之一。",
        "The stamp was not checked, so this report gives no chance of error for this copy. Once the office has shown in your presence that the stamp is authentic, the chance is at most 1 in 2 to the power of 128.",
    ),
    "considered": ("参与比对的副本数 N", "Copies considered, N"),
    "looks": ("每份副本的比对次数 K", "Looks at each copy, K"),
    "epsilon": ("要求的误指概率 ε", "Chance asked for, ε"),
    "threshold": ("阈值 ln(NK/ε)", "Threshold ln(NK/ε)"),
    "log e": ("该副本的得分 ln E", "Score of this copy, ln E"),
    "best": ("最高得分 ln E", "Highest score, ln E"),
    "runner up": ("其余副本中的最高得分", "Best score of the other copies"),
    "distance": ("领先次高者", "Ahead of the next copy by"),
    "short of": ("距阈值尚差", "Short of the threshold by"),
    "unstated": ("未载明", "not stated"),
    "office's": (
        "{value}（出具方所称；他人副本的码字不披露）",
        "{value} (as the office states; other copies' codewords are not disclosed)",
    ),
    "plot.threshold": ("阈值", "threshold"),
    "plot.runner": ("次高", "next"),
    "plot.copy": ("该副本", "this copy"),
    "plot.best": ("最高", "best"),
    "scores": (
        "得分为自然对数，由泄露件中读出的符号与发放前已承诺的码字重新算出。",
        "Scores are natural logarithms, computed again from the symbols read from the leak and the codeword committed to before delivery.",
    ),
    "none weighed": ("没有可供衡量的标记。", "There were no marks to weigh."),
    # propositions
    "propositions": ("两种主张", "The two propositions"),
    "p1": ("主张一", "First"),
    "p1.text": ("该副本是泄露件的来源（之一）。", "This copy is a source of the leak."),
    "p2": ("主张二", "Second"),
    "p2.text": ("该副本与泄露件毫无关系。", "This copy had nothing to do with the leak."),
    "p.weight": (
        "在主张二之下，得分达到 ln E = {log_e} 或更高的概率，对这一份副本不超过 {single}；对全部 N 份副本合计，不超过上面的误指概率。在主张一之下，高分正是预期的结果。",
        "Under the second, a score of ln E = {log_e} or more has a chance of at most {single} for this one copy, and of at most the bound above for all N copies together. Under the first, a high score is what one expects.",
    ),
    "p.exact": (
        "在主张二之下，泄露件与该副本逐字节相同几乎不可能：{single}。在主张一之下，这正是预期的结果。",
        "Under the second, bytes equal to this copy's are all but impossible: {single}. Under the first, they are what one expects.",
    ),
    "p.stamp": (
        "印记一经验证成立，在主张二之下几乎不可能出现；未经验证，则对两种主张都不说明什么。",
        "An authentic stamp is all but impossible under the second. One that was not checked favours neither.",
    ),
    "p.nothing": (
        "没有副本被指出，因此不对任何一份副本比较这两种主张。没有指出副本，不等于排除任何副本。",
        "No copy is named, so the two are compared for none. That no copy is named excludes none either.",
    ),
    "transposed": (
        "切勿颠倒条件。上述概率说的是“假如该副本无辜，出现这样的证据有多难得”，不是“有了这样的证据，该副本无辜的可能有多大”。后者还取决于案件的其他情况，由裁判者判断。",
        "Do not turn the condition round. The number says how rare such evidence is if the copy is innocent. It does not say how likely it is, given the evidence, that the copy is innocent: that depends on everything else in the case, and is for the court to judge.",
    ),
    "no verbal": (
        "本报告不使用“极强支持”一类的等级用语：各来源对等级起点的说法不一，也没有任何试验能验证如此之小的数值。这里只给数值与两种主张。",
        "No grade such as 'very strong support' is given: sources disagree on where such grades begin, and no trial can bear out a number this small. The number and the two propositions stand by themselves.",
    ),
    # alternatives
    "alternatives": ("须考虑的其他解释", "Other explanations to consider"),
    "alt.device": ("设备被盗或被借用", "Stolen or borrowed device"),
    "alt.device.text": (
        "副本指向正确，但使用设备的另有其人。可查门禁、登录与设备保管记录。",
        "The copy is right, but somebody else used the device. Look at access, login and custody records.",
    ),
    "alt.screen": ("屏幕或纸张被他人看到", "Shared screen or paper"),
    "alt.screen.text": (
        "他人可能拍摄了屏幕或打印件。可查在场人员与监控。",
        "Somebody else may have photographed the screen or a print. Look at who was present.",
    ),
    "alt.passed": ("副本被合规转交", "Copy passed on within the rules"),
    "alt.passed.text": (
        "接收人可能按规定把副本交给了他人。可问接收人，查转交记录。",
        "The recipient may have handed the copy on with permission. Ask, and look for a record.",
    ),
    "alt.key": ("持有标记密钥的人", "A holder of the marking keys"),
    "alt.keys.text": (
        "任何一方单凭自己的密钥都造不出另一半。但在发放时见过成品副本的人（包括出具方的设备）若留存了副本，就能拿它去泄露；两方串通亦然。应查副本发放时经过何人之手。",
        "Neither party makes the other half with its own key alone. But whoever saw the finished copy at issue, the office's machines included, and kept it, can leak it; so can both parties together. Ask whose hands the copy passed through when it was issued.",
    ),
    "alt.key.text": (
        "持有密钥者能造出任何副本的标记，上述概率不涵盖这种情形。应查密钥由谁保管、何时启用。",
        "Who holds the keys can make any copy's marks; the bound does not cover that. Ask who held the keys, and when they were used.",
    ),
    "alt.reading": ("读取有误", "An error in reading"),
    "alt.reading.text": (
        "读取误差只会削弱真正来源的得分，不会使无辜副本得分升高。可请专家用泄露件与原件重做。",
        "Errors in reading weaken a true source and do not raise an innocent copy. An expert can repeat it from the leak and the original.",
    ),
    # claims
    "claims": ("逐项验证结果", "What was checked"),
    "claims.about": (
        "各项均由本机离线重新验证，不依赖出具方。",
        "Each was checked anew, offline, without trusting the office.",
    ),
    "claim": ("主张", "Claim"),
    "detail": ("细节", "Detail"),
    "holds": ("成立", "holds"),
    "does not hold": ("不成立", "does not hold"),
    "not checked": ("此处无法验证", "can't be checked here"),
    # ledger
    "ledger": ("账本证明", "Proof in the ledger"),
    "ledger.about": (
        "账本只增不改。下列检查点的签名固定了其中每一条记录；任何一条被改，树根随之改变。",
        "The ledger only grows. The signature on this checkpoint fixes every entry in it: change one, and the root is another.",
    ),
    "entries": ("记录", "Entries"),
    "entry.home": ("账本建立", "log created"),
    "entry.issue": ("副本发放", "copy issued"),
    "entry.opened": ("开启溯源（解码之前）", "Trace opened, before decoding"),
    "entry.release": ("密钥解封", "Release of sealed keys"),
    "entry.trace": ("溯源入账", "trace entered"),
    "origin": ("检查点来源", "Checkpoint origin"),
    "size": ("条目数", "Size"),
    "size.n": ("{size} 条", "{size} entries"),
    "root": ("树根", "Root"),
    "signers": ("签名方", "Signed by"),
    "key": ("账本公钥", "Key of the log"),
    "key.same": ("与另行取得的公钥一致", "the same as the key that was given"),
    "key.compare": (
        "请与出具方在别处公布的公钥逐字核对",
        "compare it with the key that the office publishes elsewhere",
    ),
    # repeating
    "repeat": ("如何重做这项验证", "How to repeat this check"),
    "repeat.files": (
        "出具方须随证据文件交付两个独立的离线验证工具（sealtrace evidence verifier --out 文件夹）。二者与 Sealtrace 不共用代码，不联网。",
        "With the evidence file come two independent offline verifiers (sealtrace evidence verifier --out DIR). They share no code with Sealtrace and ask nothing of the network.",
    ),
    "repeat.1": (
        "核对证据文件的 SHA-256，见本报告各页页脚。",
        "Compare the evidence file's SHA-256 with the foot of each page.",
    ),
    "repeat.2": (
        "用浏览器打开 sealtrace_verify.html，把证据文件拖入，填入另行取得的账本公钥。",
        "Open sealtrace_verify.html in any browser, drop the evidence file in, and give the log's key obtained elsewhere.",
    ),
    "repeat.3": (
        "或运行：python sealtrace_verify.py 证据文件 --key 公钥。",
        "Or run: python sealtrace_verify.py FILE --key KEY.",
    ),
    "repeat.4": (
        "装有 Sealtrace 时：sealtrace evidence verify 证据文件 --key 公钥。退出码 0 为成立，20 为不成立。",
        "With Sealtrace: sealtrace evidence verify FILE --key KEY. Exit code 0: it holds; 20: it does not.",
    ),
    "repeat.5": (
        "从泄露件读取标记的步骤由专家用泄露件与原件重做。",
        "An expert repeats the reading of the marks from the leak and the original.",
    ),
    "software": ("溯源所用软件", "Software of the trace"),
    "software.report": ("报告所用软件", "Software of this report"),
    # validation
    "validation": ("方法的验证", "How the method did in trials"),
    "validation.about": (
        "以下是本方法在已知真相的试验中的结果，由项目自带的基准程序测得。0 次误指不能证明没有误指；误指概率的上界不依赖这些试验。",
        "What the method did in trials with a known truth, as the project's own benchmarks printed it. No wrong name in n trials bounds the rate by about 3/n; the bound on naming an innocent copy does not rest on these.",
    ),
    "validation.row": (
        "{trials} 次试验，误指 {wrong} 次；命令 {command}",
        "{trials} trials, {wrong} wrong; command {command}",
    ),
    "validation.traced": (
        "{trials} 次试验，指出 {traced} 次，误指 {wrong} 次；命令 {command}",
        "{trials} trials, {traced} traced, {wrong} wrong; command {command}",
    ),
    # limits and rights
    "limits": ("本证据没有说明什么", "What this evidence does not say"),
    "rights": ("辩方副本与申诉", "Defence copy and appeal"),
    "rights.1": (
        "被涉及的人及其代理人有权得到证据文件、两个验证工具和本报告。",
        "The person concerned and counsel are entitled to the evidence file, both verifiers and this report.",
    ),
    "rights.2": (
        "可以：请另一位专家重做验证；要求出示泄露件与原件，重做读取；要求把文件密钥披露给专家，重新计算全部得分；要求与第三方保存的检查点比对；说明设备失窃、账号共用等情况。",
        "They may have another expert repeat the check; ask for the leak and the original and have the reading repeated; have the document key disclosed to an expert and every score worked out again; have the checkpoint compared with one held by a third party; and state what happened to the device or the account.",
    ),
    "rights.3": (
        "异议先向出具方书面提出，出具方应由未参与本次溯源的人复核；仍有争议的，依法向主管机关或法院提出。本报告不是处分决定。",
        "Objections go to the office in writing and are reviewed by somebody who took no part in the trace; what stays in dispute goes to the competent authority or court. This report is no decision on anybody.",
    ),
    # beside the proof
    "beside": ("相关情况（不属于证明）", "Circumstances, not part of the proof"),
    "beside.limits": (
        "本节内容由出具方提供，不在证据文件之内，任何验证工具都不核对它。拿到文件的人可以在其中写入任意作者、软件或日期；地址与设备只是网络和登记册所载，掌管它们的人可以改写。本节不影响前文的任何数值：没有这一节，误指概率完全相同。单凭本节不能指认任何人；与副本相符不增加证明力，不相符也不推翻证明。",
        "The office states this section; it is not in the evidence file, and no verifier checks it. Whoever had a file can write any author, program or date into it; addresses and devices are what the network and the register said, and who runs them can change them. Nothing here enters a number of this report: without this section the chance of error is the same. Nothing here names anybody: fitting the copy adds nothing to the proof, and not fitting it does not undo the proof.",
    ),
    "beside.file": ("第 {n} 件泄露件自称的内容", "What piece {n} of the leak says of itself"),
    "beside.issued": (
        "副本的发放，与第 {n} 件自称的日期",
        "The copy's issue, and the date that piece {n} states",
    ),
    "beside.looked": ("登记接收人的另一次查看", "The recipient's last other look at the document"),
    "beside.author": ("作者", "Author"),
    "beside.producer": ("软件", "Program"),
    "beside.created": ("创建时间", "Created"),
    "beside.modified": ("修改时间", "Changed"),
    "beside.issued_at": ("副本发放时间", "The copy was issued"),
    "beside.file_at": ("文件自称的日期", "The file's own date"),
    "beside.at": ("时间", "Time"),
    "beside.device": ("设备", "Device"),
    "beside.ip": ("IP 地址", "IP address"),
    "beside.fits": ("与副本是否相符", "Does it fit the copy"),
    "beside.fits.True": ("相符", "It fits."),
    "beside.fits.False": ("不相符", "It does not fit."),
    "beside.fits.None": ("不能说明什么", "It tells nothing either way."),
}

_EN = {
    3: "a thousand",
    4: "ten thousand",
    5: "a hundred thousand",
    6: "a million",
    7: "ten million",
    8: "a hundred million",
    9: "a billion",
    10: "ten billion",
    11: "a hundred billion",
    12: "a trillion",
    13: "ten trillion",
    14: "a hundred trillion",
}
_ZH = {
    3: "一千",
    4: "一万",
    5: "十万",
    6: "一百万",
    7: "一千万",
    8: "一亿",
    9: "十亿",
    10: "一百亿",
    11: "一千亿",
    12: "一万亿",
    13: "十万亿",
    14: "一百万亿",
}


def say(word: str, language: Language, **values: object) -> str:
    """One of the report's sentences."""
    return TEXT[word][LANGUAGES.index(language)].format(**values)


def odds(chance: float, language: Language) -> str:
    """A small chance in words, never smaller than it is: at most one in a round number."""
    power = 0
    while power < max(_EN) and chance <= 10.0 ** -(power + 1):
        power += 1
    if power < min(_EN):
        return f"不超过 {chance:.2g}" if language == "zh" else f"at most {chance:.2g}"
    return f"不超过{_ZH[power]}分之一" if language == "zh" else f"at most one in {_EN[power]}"
