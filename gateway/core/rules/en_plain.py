"""English verdicts in a recruiter's own short words: a no-hire, not on the list, not assessed."""

from gateway.core.rules.rule import verdict

_NOT = r"(?:\bnot\b|n't\b|\bcannot\b|\bunable to\b|\bno longer\b)"
_CREW = (
    r"(?:rota|roster|team|crew|pool|books|panel|bank|line-?up|squad|staff|cast|programme|program"
    r"|(?:short|final )?\s?list|selection|cohort|intake)"
)
_THE = r"(?:the|our|this|that|this year's|this season's)"

PLAIN_VERDICTS = (
    verdict(
        "en.no-hire",
        4.5,
        "a no-hire",
        r"\b(?:no[- ]hire|not[- ]a[- ]hire|non-hire)\b(?! (?:polic|clause|agreement|list))"
        r"|\b(?:landed|settled|came down|come down|ended up|voted|agreed|came out) (?:on|at|as|with"
        r"|for) (?:a |an )?(?:no\b(?! (?!for (?:this|the|your|you|now)\b)\w)|reject\w*\b"
        r"|decline\b|rejection\b)",
        (
            "the team landed on a no-hire for this role.",
            "the debrief came down on no.",
        ),
        ("we signed a no-hire agreement.", "we agreed on no changes."),
    ),
    verdict(
        "en.not-on-list",
        4.0,
        "not on the list or in the team",
        r"\byour (?:name|number)\b[^.;]{0,10}"
        + _NOT
        + r"[^.;]{0,16}?\b(?:on|among|in) (?:it|them|"
        + _THE
        + r" (?:[\w-]+ )?"
        + _CREW
        + r")\b|\byou(?:'re| are| were)? ?"
        + _NOT
        + r" (?:on|in|part of|among) (?:it|them|"
        + _THE
        + r" (?:[\w-]+ )?"
        + _CREW
        + r")\b(?! (?:\w+ )?(?:mon|tues|wednes|thurs|fri|satur|sun)day| today| tomorrow"
        r"| this week\b)"
        r"|\bwithout your name on it\b",
        (
            "the shortlist has been drawn up and your name is not on it.",
            "if you're getting this email, you are not on it this year.",
            "you aren't on our crew list.",
        ),
        ("you are not in the office.", "the price is not on it."),
    ),
    verdict(
        "en.not-added",
        4.5,
        "not taken into the team",
        _NOT
        + r"(?! (?:only|just))[^.;]{0,14}?\b(?:add|put|sign|tak|bring|includ|enrol|welcom|slot|plac"
        r"|fit|us)(?:e|ing|ning|ting|l)?\b (?:you|your name) (?:(?:on|up|in) )?(?:to|onto|on|into"
        r"|in|for) " + _THE + r" (?:[\w-]+ )?" + _CREW + r"\b(?! yet)",
        (
            "we're not adding you to the rota.",
            "we won't be bringing you onto the team.",
            "we cannot take you into our freelance pool.",
        ),
        ("we are adding you to the rota.", "we have not met on the list."),
    ),
    verdict(
        "en.mark-missed",
        4.0,
        "a test or a piece of work did not reach the mark",
        r"\b(?:test|score|scores|task|sample|exercise|assessment|submission|results?|interview|demo"
        r"|translation|audition|trial|marks?|portfolio)\b[^.;]{0,12}"
        r"(?:(?:\bnot|n't) (?:quite )?(?:reach|meet|hit|clear|pass|come up to|get to|match"
        r"|attain)\b[^.;]{0,20}?\b(?:marks?|bar|standards?|level|threshold|grade|score"
        r"|cut-?off|line|target)\b"
        r"|\b(?:was|were|came|fell|is) (?:just |a little |slightly |well )?(?:below|under|short of)"
        r" (?:the|our|what)\b)",
        (
            "i'm afraid the test didn't reach the mark we set.",
            "your score was just below the threshold.",
        ),
        ("the test is not long.", "the result did not reach us."),
    ),
    verdict(
        "en.not-assessed",
        4.5,
        "the application is not eligible or not looked at",
        r"\b(?:your|this|the) (?:application|candidacy|file)\b(?:'s| is| was| has| have| been"
        r"| therefore)"
        r"{1,4} (?:set aside|discarded|excluded|screened out|ruled out|void|disregarded)\b"
        r"|\b(?:your|this|the) (?:application|candidacy)\b[^.;]{0,80}? (?:is|was) (?:therefore )?"
        r"(?:void|invalid|ineligible|inadmissible)\b"
        r"|\b(?:your|this|the) (?:application|candidacy|file)\b[^.;]{0,120}?(?:(?:\bnot|n't"
        r"|\bcannot) be (?:assessed|evaluated|reviewed|examined|admitted|taken into account"
        r"|considered)\b)"
        r"|\b(?:application|candidacy|it|you)\b(?:'re| is| are| was| were| has| have| been"
        r"| therefore| thus){1,3} (?:deemed |considered |found |ruled |declared )?(?:to be )?"
        r"(?:ineligible|inadmissible|invalid|void|not eligible)\b(?! for (?:a refund|benefits"
        r"|leave))(?! (?:to (?:claim|vote)|until))",
        (
            "under the rules of the call it is therefore ineligible and will not be assessed.",
            "your application arrived after the closing date and cannot be considered.",
            "you are not eligible for this position.",
        ),
        ("incomplete applications will not be considered.", "the voucher is void."),
    ),
    verdict(
        "en.search-dead",
        4.0,
        "the search or the post is given up",
        r"\b(?:search|(?<!printer )role|position|job opening|opening|vacancy|headcount"
        r"|requisition|post)\b(?:'s| is| has"
        r"| was| now| been| sadly| effectively){1,3} (?:dead|gone|off|dropped|abandoned|lost"
        r"|scrapped|shelved|axed|on ice|no more)\b"
        r"|\b(?:freezing|halting|halted|shelving|scrapping|cancel?ling|axing|abandoning|pulling"
        r"|dropping) (?:all |our |the |any |this |that )?(?:[\w-]+ ){0,2}?(?:hiring|recruitment"
        r"|recruiting|search|headcount|vacancy|role|position|opening)s?\b"
        r"|\b(?:had|have|decided|going|forced) to (?:cancel|freeze|shelve|scrap|drop|abandon"
        r"|stop|halt"
        r"|give up) (?:all |our |the |this |that )?(?:[\w-]+ )?(?:hiring|recruitment"
        r"|recruiting|search"
        r"|vacancy|role|position|opening)s?\b"
        r"|\b(?:pulled|pulling) the plug on\b|\b(?:hiring )?budget (?:has |was )?(?:evaporated"
        r"|vanished"
        r"|disappeared|gone|fell through|cut)\b|\bno (?:role|job|position|post"
        r"|vacancy) (?:to (?:offer"
        r"|fill)|any ?more|any longer|left)\b",
        (
            "the head of ops search is dead.",
            "we're freezing all hiring through the end of next year.",
        ),
        ("the light is off.", "we are cancelling the order."),
    ),
    verdict(
        "en.no-offer",
        4.5,
        "no offer is made",
        r"\bno offer (?:will|is|can|could|of|has|was)\b(?! (?:expired|of help))|\b(?:"
        r"not|n't|unable|cannot)\b[^.;]{0,16}?\b(?:mak(?:e|ing)|extend(?:ing)?) (?:you )?(?:an"
        r"|any|the)"
        r" (?:\w+ )?offer\b(?! (?:until|before|yet))|\bwithout an offer\b",
        (
            "the committee's decision is that no offer will be made.",
            "we're not going to make an offer.",
        ),
        ("we will make you an offer.", "we cannot make an offer yet."),
    ),
    verdict(
        "en.end-of-line",
        3.5,
        "the end of the line, or left there",
        r"\bend of the (?:line|road|process)\b[^.;]{0,20}?\b(?:you|your|with)\b"
        r"|\b(?:decided|opted|chosen|agreed|have|going|want) to (?:leave|stop|end|finish)"
        r" (?:it |things |this )?(?:there|here)\b|\bwe'll (?:stop|leave it) (?:here|there)\b",
        ("we've reached the end of the line with your application.", "so we'll stop here."),
        ("please leave the parcel there.",),
    ),
    verdict(
        "en.closes-application",
        3.5,
        "this closes the application",
        r"\b(?:this|that|which|it) (?:closes|concludes|ends|completes|brings) (?:your|the|our)"
        r" (?:application|candidacy|recruitment process|hiring process|selection process)\b",
        ("so this closes your application.",),
        ("the shop closes at six.",),
    ),
)
