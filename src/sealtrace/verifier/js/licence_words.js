// The licence page's words in Chinese; the English ones are the keys.

const CHINESE = {
  "Is this licence genuine, and may it be used?": "这张许可证是否真实、可否使用？",
  "Checked in this browser, on this machine. Nothing is sent anywhere; the page works without a network.": "在本机浏览器内核验，不向任何地方发送数据，无需网络。",
  "The licence's text, as scanned": "扫描所得的许可证文本",
  "The issuer's public key, PEM": "签发机关公钥（PEM）",
  "Get it another way than the licence: from the issuer's site, a letter.": "请通过许可证以外的途径取得：签发机关网站或公函。",
  "Status list": "状态表",
  "Day of use": "使用日期",
  Check: "核验",
  "Genuine, and in force on this day": "真实，且当日有效",
  "Genuine, but not to be used": "真实，但不可使用",
  "Not a licence of this issuer": "不是该签发机关的许可证",
  "No status list: whether it was suspended or revoked is not known here.": "未提供状态表：此处无法得知是否已暂停或撤销。",
  "A status list does not tell how much is left: only the issuer's account does.": "状态表不说明余量，余量以签发机关账户为准。",
  "not begun": "尚未生效", expired: "已过期", suspended: "已暂停", revoked: "已撤销", ended: "已终止", "in force": "有效",
  "the status list is out of date": "状态表已过期",
  Number: "许可证号", Issuer: "签发机关", Kind: "种类", Holder: "持证人", "End user": "最终用户", Destination: "目的地", "End use": "最终用途",
  From: "起", To: "止", Entry: "物项", Element: "元素", "Element, kg": "元素量（千克）", "Gross, kg": "毛重（千克）", "Control list": "管制清单",
  single: "单项许可", general: "通用许可", registration: "登记凭证",
  "this is no licence: its text begins with STL1:": "这不是许可证：其文本以 STL1: 开头",
  "the licence's text is damaged": "许可证文本已损坏",
  "none of the trusted keys signed this": "没有可信公钥对应此签名",
  "the signature does not hold": "签名不成立",
  "this is not a P-256 public key in PEM": "这不是 PEM 格式的 P-256 公钥",
};

export const sayLicence = (language, word) => (language === "zh" ? CHINESE[word] ?? word : word);
export const licenceWords = Object.keys(CHINESE);
