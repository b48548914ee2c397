"""The words of the own page's export in Chinese and English."""

from __future__ import annotations

from typing import Literal, get_args

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("关于您所保存的一切", "Everything held about you"),
    "at": ("导出时间", "Taken at"),
    "rights": (
        "您可以阅读、取走、更正本档案，也可以提出异议和申诉。申诉由未参与决定的人处理。",
        "You may read this file, take it, correct it and object to it. Appeals are heard by someone who took no part.",
    ),
    "officer": ("申诉受理人", "Appeal officer"),
    "erased": ("删除日期", "Erased on"),
    "lasts": ("工作、指定或限制结束后计算", "counted from the end of work, post and restriction"),
    "profile": ("档案", "Profile"),
    "names": ("姓名及写法", "Names and spellings"),
    "specialities": ("专业", "Specialities"),
    "education": ("教育", "Education"),
    "projects": ("项目", "Projects"),
    "publications": ("论著", "Publications"),
    "employments": ("工作经历", "Employments"),
    "birth_year": ("出生年", "Year of birth"),
    "orcid": ("ORCID", "ORCID iD"),
    "accounts": ("账号", "Accounts"),
    "changes": ("更改", "Changes"),
    "posts": ("涉密岗位", "Posts"),
    "holding": ("尚未交还", "Still held by you"),
    "leaving": ("离岗手续", "Leaving"),
    "restrictions": ("限制", "Restrictions"),
    "status": ("状态", "State"),
    "scope": ("限制范围", "What it limits"),
    "authority": ("决定机关", "Authority"),
    "basis": ("法律依据", "Legal basis"),
    "period": ("期限", "Period"),
    "review": ("下次复核", "Next review"),
    "reasons": ("理由", "Reasons"),
    "unpaid": ("未付补偿（月）", "Months of compensation unpaid"),
    "releasable": ("您可以请求解除", "You may ask to be released"),
    "remedy": ("救济途径", "Remedy"),
    "appeal": ("未决申诉", "Open appeal"),
    "journeys": ("行程", "Journeys"),
    "voluntary": ("自愿申报", "voluntary"),
    "required": ("依规申报", "required"),
    "companions": ("您申报的同行家属", "Family you declared"),
    "documents": ("代管证件", "Travel documents in custody"),
    "due": ("最迟归还", "Back at the latest"),
    "candidates": ("名单比对结果", "Candidates of screenings"),
    "petitions": ("更正、异议与申诉", "Corrections, objections, appeals"),
    "disclosures": ("向外提供", "Disclosed to others"),
    "notices": ("通知", "Notices"),
    "looks": ("谁查阅过您的档案", "Who looked at your file"),
    "chronicle": ("账本中的记录", "Entered in the ledger"),
    "kept": ("保存期限", "Kept until"),
    "none": ("无", "none"),
    "page": ("第 # 页", "page #"),
}


def say(word: str, language: Language) -> str:
    """A word in the language asked for."""
    return _WORDS[word][LANGUAGES.index(language)]
