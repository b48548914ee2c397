"""Every error in Chinese: what is wrong, what to do. The English detail follows in small print on a Chinese page."""

from __future__ import annotations

from sealtrace.errors import SealtraceError
from sealtrace.people.imports import RowError

ZH: dict[str, tuple[str, str]] = {
    "internal": ("系统内部出错，没有做任何更改。", "这是系统缺陷，请记下时间并告知系统管理员。"),
    "usage": ("填写的内容彼此不符或不完整。", "请按提示改正后重新提交。"),
    "not-registered": ("没有登记过这个名称的文件、版本、副本、溯源或账户。", "请核对编码，或从列表中重新打开。"),
    "home-locked": ("另一个程序正在写入，本次没有做任何更改。", "请稍候再试。"),
    "wrong-key": ("口令或密钥文件打不开本系统的数据。", "请由系统管理员提供正确的口令或密钥文件。"),
    "no-home": ("此处没有系统数据。", "请由系统管理员检查安装。"),
    "home-exists": ("此处已有系统数据，不会被覆盖。", "请换一个位置，或继续使用现有数据。"),
    "storage-failed": ("磁盘拒绝写入：已满、只读或损坏。没有留下写了一半的内容。", "请腾出空间或检查磁盘后重试；已受理的条目安全无损。"),
    "malformed-code": ("编码的校验字符不符，多半是输入有误。", "请逐字与原件核对。"),
    "version-conflict": ("版本链会断裂：新版本的内容已在别处登记。", "请使用提示中的编码，或登记改动后的内容。"),
    "not-an-original": ("这份内容是从本系统发出的副本，只能登记原件。", "请登记原件；如果它来自外部，请溯源。"),
    "proof-invalid": ("证明读得出来，但不成立。", "请勿依赖此文件。请向发送者索取原件并比对摘要。"),
    "field-wrong": ("有一栏填写不当。", "请改正该栏；已填内容仍在。"),
    "notary-refused": ("公证方不给出它的那一半标记：已给过一次、不为此账本服务，或已达误差上限。", "请联系公证方；补发须由其人员许可。"),
    "notary-away": ("本系统用双密钥，而持有另一密钥的公证方无法连接。", "请公证方在设立时登记的地址上启动服务。"),
    "history-forked": ("账本的两个签名检查点互相矛盾，或存储的账本倒退了。", "请停止写入，保留两个检查点作为证据，并恢复最新的备份。"),
    "corrupted": ("存储的内容与当初的记录不一致。", "请由系统管理员全面检查，并从备份恢复损坏的对象。"),
    "quorum-missing": ("联署的见证方不足，没有发布任何内容。", "条目安全无损，达到法定数量后即会发布。请检查能否连到见证方。"),
    "cryptography-unavailable": ("这台机器的密码库缺少所需算法。", "请由系统管理员安装 OpenSSL 3。"),
    "denied": ("策略不允许这样做，没有做任何更改。", "请在“策略”页查看理由，或写明用途申请例外。"),
    "cannot-mark": ("此文件没有可以放置个别标记的位置，副本之间将无法区分。", "请改为装入带标记的压缩包发放。"),
    "family-data-refused": ("提交了亲属资料；这类资料从不读取、比对或合并。", "请删去有关亲属的列后重试。"),
    "restriction-unlawful": ("限制缺少合法要件，或超出其法律依据。", "请补全机关、依据、范围、告知、期限、复核与申诉，并不超过法定上限。"),
    "duties-not-separated": ("同一人将承担必须分由不同人承担的职责。", "请由另一人提出、批准或受理。"),
    "human-required": ("程序试图改变人员的处境；只有人可以对人作出决定。", "请由具名的人员作出决定。"),
    "step-refused": ("当前状态下不能走这一步。", "请查看当前状态与期限；已失效或终止的限制须重新决定。"),
    "title-missing": ("没有法定依据，或超出依据，不得扣留证件。", "请先归还证件，或先记录经核实的依据。"),
    "purpose-missing": ("没有覆盖此目的的有效限制，不得将人员资料用于筛查。", "筛查只针对处于有效限制之下的人员，每次一份名单，并写明目的。"),
    "profile-unlawful": ("资料含有不得含有的内容，或由无权的人提交。", "请改正提示的字段；本人的写法与证件号由本人提供。"),
    "quantity-exceeded": ("账户余额不足，没有扣减。", "请减少数量，或申请更大的许可。"),
    "licence-not-in-force": ("许可证目前不允许：尚未生效、已到期、被中止、被撤销或已用完。", "请使用有效的许可证。"),
    "key-reused": ("这个防重标识已用于另一件事。", "请原样重复第一次的请求，或为新请求另取标识。"),
    "not-on-licence": ("许可证上没有此元素或条目，或没有此许可证。", "请查看许可证的各行。"),
    "wrong-state": ("处于此状态的许可证不能走这一步。", "请查看许可证的状态与可行的步骤。"),
    "malformed-quantity": ("这不是可以准确计数的质量、含量或数量。", "请写一个数字，加上提示中的单位之一。"),
    "malformed-formula": ("这不是含义确定的化学式。", "请按 Dy2O3、DyCl3·6H2O 这样的写法填写。"),
    "malformed-case": ("待归类的案例没有可读的日期和事实。", "请改正提示的那一行；其他行不受影响。"),
    "malformed-list": ("管制清单不合格式，或自相矛盾。", "请改正提示之处；清单完整之前不用于任何决定。"),
    "input-missing": ("文件不在那里。", "请检查位置后重新选择文件。"),
    "input-unreadable": ("文件在，但无法读取。", "请检查权限，并确认是普通文件。"),
    "input-empty": ("文件是空的。", "请确认文件已完整保存或复制。"),
    "input-damaged": ("文件自称某种格式，却无法按该格式读取：不完整或已损坏。", "请用原程序打开后另存，或作为整体登记。"),
    "input-encrypted": ("文件要求密码。", "请先去除密码，或作为整体登记（此后只能整体溯源）。"),
    "input-too-large": ("文件超出大小、页数、像素、成员数、嵌套或时间的界限。", "请拆分文件，或作为整体登记。"),
    "input-refused": ("读取程序在此文件上中断：它可能含有恶意内容。", "请按恶意文件处理；必须保存时作为整体登记。"),
    "input-mislabelled": ("文件名与内容的格式不符。", "请把文件改成真实的扩展名，或作为整体登记。"),
    "input-changed": ("读取时文件正被写入。", "请等写入的程序结束后再试。"),
    "recognition-unavailable": ("缺少文字识别程序或其模型；系统从不自行下载。", "请由系统管理员重新安装完整的系统。"),
    "source-unreachable": ("数据源没有应答，或拒绝连接。", "请检查地址、凭据与网络；已取得的数据保留，不会重复取。"),
    "source-unsuitable": ("数据源有应答，但缺少所要的表、列、节点或时间。", "请改正提示的表、列或节点。"),
    "source-busy": ("另一个程序正从同一数据源采集。", "请让它继续，或先停止它。"),
    "source-differs": ("同名数据源登记的是另一位置或另一种分批方式。", "请为新数据源另取名称，或使用原来的位置与分批。"),
    "second-person-needed": ("这件事须由第二个人批准，目前尚未批准。", "请提出申请；有权批准的人会在“审批”页看到。"),
    "confirmation-needed": ("做这件事之前须确认是您本人。没有做任何更改。", "请用通行密钥或一次性代码确认，五分钟内再次提交。"),
    "sign-in-failed": ("登录凭据不成立。", "请再试一次；若再次失败，请向系统管理员索取新的一次性链接。"),
    "signature-refused": ("请求没有由所称设备签名，或已经发送过。没有做任何更改。", "请重新载入页面后再次提交；若仍如此，请重新登记此设备。"),
    "approval-lapsed": ("批准已过期、被拒绝、已使用，或针对的是另一件事。", "请就您将要做的事重新申请批准。"),
    "too-many-tries": ("登录失败次数过多，暂时锁定。", "请十五分钟后再试，或使用通行密钥。"),
    "provider-failed": ("身份提供方没有按其公布的方式应答，或应答不成立。", "请用通行密钥登录，并告知系统管理员。"),
    "copy-ended": ("此副本已被撤销或已到期，不再显示其内容与页面。", "请询问发放人；副本页面写明当初的决定。"),
    "undertaking-missing": ("此文件要求阅读人签署承诺书，这位阅读人尚未签署。", "请阅读承诺书并用本设备的密钥签署，然后重新打开页面。"),
    "key-sealed": ("区分副本的密钥已封存：须由数人交出密钥份额，其启用会记入账本。", "请各持有人交出份额，并写明用途。"),
    "request-refused": ("申请副本时没有已登记设备的有效签名，或签名已用过。", "请先登记设备，再由该设备签署一份新的申请。"),
    "hit-open": ("有当事方尚未筛查，或与筛查名单的相似之处尚未判定，不能走这一步。", "请筛查各当事方，并由人员逐一判定命中。"),
    "licence-needed": ("技术文件将交给外部人员，但缺少所需许可，或违反禁令。", "请申请许可，或写明涵盖此事的许可证。"),
    "module-disabled": ("此部分未启用：没有经批准的影响评估，或没有指定申诉受理人。", "请先记录影响评估并指定申诉受理人。"),
    "case-unknown": ("没有这个名称的案件、货运、草稿或筛查名单。", "请核对名称，或从列表中重新打开。"),
    "application-incomplete": ("申请缺少提交前必须具备的内容。", "请补充提示中的内容后重新提交。"),
    "server-unreachable": ("服务器没有应答，或连接中断；可以放心重新发送请求。", "请检查地址与网络。代理程序会保留已有内容，待服务器恢复应答后发送。"),
    "server-refused": ("服务器拒绝了请求，所给代码为此版本所不识。", "请阅读提示；较新的客户端可能知道如何处理。"),
    "too-many-requests": ("此设备一分钟内发送的请求超过了可应答的数量。", "请按 Retry-After 所示等候，再用同一防重标识重新发送。"),
    "still-working": ("带有此防重标识的第一次请求尚未得到应答。", "请几秒后用同一标识再次询问。"),
    "target-refused": ("网络回调的目标是内部地址，或不是 HTTPS 地址。", "请填写公网 HTTPS 地址，或由系统管理员允许该网段。"),
    "mail-failed": ("邮件服务器拒绝了连接、登录或邮件。", "请检查邮件服务器的名称、用户、密码与文件夹。未收入的邮件保持未读。"),
    "not-signed-in": ("请求没有附带有效的令牌。", "请附上有效的令牌，并由该令牌的设备签名。"),
}  # fmt: skip


ROWS: dict[str, str] = {
    "name": "这一行没有姓名。",
    "year": "“{cell}”不是出生年份（1900 至 2100）。",
    "day": "“{cell}”不是日期，请写成 2026-01-31 的格式。",
    "start": "每个任职单位都须有开始日期，格式如 2026-01-31。",
    "order": "结束日期“{cell}”不在开始日期之后。",
    "account": "账户 {cell} 已属于他人。",
    "person": "名录中没有编号为“{cell}”的人员。",
    "delegate": "自愿申报只能由本人或其委托人提交；{cell} 没有委托您。",
    "country": "“{cell}”不是两个字母的国家代码。",
    "purpose": "没有写明出行目的。",
}
"""What is wrong with a cell of a table that was brought, by `people.imports.Why`."""


def row_words(error: RowError, language: str) -> tuple[str, str]:
    """Why a row of a table was refused, in the page's language, and the detail in small print."""
    if not language.startswith("zh"):
        return error.message, ""
    if error.why in ROWS:
        return ROWS[error.why].format(cell=error.cell), ""
    return ZH.get(error.code, ZH["usage"])[0], error.message


def words_of(error: SealtraceError, language: str) -> tuple[str, str, str]:
    """What is wrong, what to do, and the detail in small print; in the page's language."""
    if not language.startswith("zh"):
        return error.message, error.hint, ""
    text, advice = ZH.get(error.code, ZH["internal"])
    return text, advice, f"{error.code}: {error.message}"
