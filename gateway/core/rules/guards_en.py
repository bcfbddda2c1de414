"""Words beside an English verdict that take its force."""

import re

from gateway.core.rules.rule import Guard, Side

_CHOOSERS = r"\b(?:we|we've|we're|we'll|i|i've|panel|team|committee|board|managers?)\b"
_CHOSEN_WHO = re.compile(
    r"^(?!.*(?:\bnot\b|n't\b|\bunable\b)[^.;]*\b(?:candidates|applicants|people|those)\b)"
    # up to the first of them: each `we` with each verb behind it would be tried
    r"(?:(?!" + _CHOOSERS + r").)*" + _CHOOSERS + r".*\b(?:proceed\w*|mov(?:e|ed|ing)"
    r"|go|gone|going|went|continu\w+|chosen?|chose|select\w*|pursu\w*|focus\w*|progress\w*"
    r"|shortlisted|advanc\w*|hired|offered"
    r"|preferred|opted)\b[^.;,]{0,40}\b(?:candidates|applicants|people|those|students) (?:who"
    r"|whose)\b"
)
"""Those who were chosen, by what they have: nobody is told what happens to whoever does this."""

GUARDS = (
    Guard(
        "en.if",
        Side.BEFORE,
        "conditional (if, in case)",
        re.compile(
            r"\b(?:if(?! you(?:'re| are| have)? (?:receiv|read|see|get))|in case|in the "
            r"event|should you|unless|even though you may|whenever)\b|\b(?:whether|when"
            r"|until|may|might|(?:candidates|applicants|those|people|anyone) "
            r"who)\b[^,]{0,24}$"
        ),
        ("if you are not selected for this role, keep an eye on our jobs page.",),
        ("you are not selected for this role.",),
    ),
    Guard(
        "en.if-after",
        Side.AFTER,
        "conditional (unless, if you do not hear)",
        re.compile(
            r"\b(?:unless|until|without)\b|\bif you (?:do not|don't|haven't|have not) "
            r"hear\b|\bif (?:we|the|your)\b"
        ),
        ("you have not been selected if you do not hear from us.",),
        ("you have not been selected.",),
    ),
    Guard(
        "en.others",
        Side.BEFORE,
        "about others (most applicants)",
        re.compile(
            r"\b(?:most|many|some|few|all (?:the )?other|late|incomplete|unsigned|the other"
            r"|several|these|those"
            r"|\d+)(?: \w+){0,2}? (?:applicants|candidates|people|applications|of "
            r"them)\b(?! (?:and|but|so)\b)[^,]{0,16}$|\b(?:applications|candidates|applicants"
            r"|submissions)"
            r" (?:without|that|which|received after|sent|with)\b(?:(?! and )[^,]){0,60}$"
        ),
        ("most applicants you met were not selected.",),
        ("you were not selected.",),
    ),
    Guard(
        "en.whoever",
        Side.SENTENCE,
        "about whoever does something (applicants who do not…)",
        re.compile(
            r"\bwhoever\b|\b(?:every|each|any) (?:candidate|applicant|person) (?:who|that"
            r"|whose)\b|\bthe successful (?:candidate|applicant) (?:gets|will|starts|joins)\b"
            r"|^(?!.*\b(?:you|your|yours)\b).*\b(?:applicants|candidates|anyone|those|people"
            r"|students)"
            r" (?:who|whose) (?:don't|doesn't|didn't|aren't|weren't|haven't|can't|do|does|did"
            r"|have|has|are|fail|cannot|can|miss|score|complete)\b"
        ),
        ("applicants who do not complete it in time will not be considered further.",),
        (
            "you were not among the applicants who were shortlisted.",
            "we have decided to proceed with candidates who have more relevant experience.",
        ),
        unless=_CHOSEN_WHO,
    ),
    Guard(
        "en.third-person",
        Side.SENTENCE,
        "about a third person (he, she)",
        re.compile(
            r"\b(?:she|he|him|her) (?!(?:has |had )?(?:now |already )?(?:chosen|chose|picked"
            r"|selected|hired|appointed|opted for|decided on|settled on|gone with|went with)"
            r" (?:someone|somebody|another (?:candidate|applicant|person)|an internal|the other))"
            r"(?!(?:has |had |will be |is |will )?(?:said yes|accept\w*|signed|agreed|start\w*"
            r"|join\w*|taken it|took it))"
            r"(?:has|was|is|had|isn't|wasn't|won't|will|hasn't|for"
            r"|forward|to|at)\b|\b(?:she|he)(?:'s|'d|'ll)\b(?! (?:chosen|picked|selected|hired"
            r"|appointed|gone|accepted|said|agreed))|\bmoving forward with (?:him|her)\b"
            r"|(?:\bnot\b|n't\b|\bunable\b)[^.;]{0,30}\b(?:with|for|hire|offer|select|take"
            r"|shortlist|invite) (?:mr|mrs|ms|miss|dr)\.? [a-z]"
        ),
        ("we are not moving forward with her at this time. she was not selected.",),
        (
            "we are not moving forward with your application.",
            "as alan said, he has chosen someone else for the job.",
        ),
    ),
    Guard(
        "en.topic",
        Side.BEFORE,
        "only names an earlier decision (the reason you were…)",
        re.compile(
            r"\b(?:reasons?(?!(?: for (?:decision|rejection|outcome|status))? ?:)|why|feedback on"
            r"|rejection|told you|as (?:we|i) (?:said|wrote"
            r"|mentioned)|previous(?:ly)?|sorry to hear|last (?:year|time|month|spring"
            r"|week)|back in|ignore)\b[^,]{0,40}$"
        ),
        ("the reason you were not selected is simple.",),
        ("you were not selected.",),
    ),
    Guard(
        "en.denied",
        Side.BEFORE,
        "denied (this does not mean)",
        re.compile(
            r"\b(?:does not mean|doesn't mean|is not to say|isn't to say|not because|not that)\b"
        ),
        ("this does not mean that you were not selected.",),
        ("you were not selected.",),
    ),
    Guard(
        "en.negated",
        Side.BEFORE,
        "the very opposite (has not been turned down)",
        re.compile(
            r"(?:\bnot|n't|\bnever|\bnobody has|\brather than|\binstead of)"
            r"(?: (?:yet|been|be|have|had|to|having|being|us|me|you))*\s*$"
        ),
        ("we have not closed your application.",),
        ("we have closed your application.", "we will not be closing it, you were not selected."),
    ),
    Guard(
        "en.not-until",
        Side.SENTENCE,
        "waits for something (cannot … until)",
        re.compile(r"(?:\bcannot\b|n't\b|\bnot\b|\bunable\b)[^.]{0,60}\b(?:until|unless)\b"),
        ("your application cannot be progressed until you upload your cv.",),
        ("your application will not be progressed.",),
    ),
    Guard(
        "en.asked",
        Side.AFTER,
        "asked, not told (not selected for a job?)",
        re.compile(r"^[^.;,]{0,30}\?"),
        ("you were not selected for a job?",),
        ("you were not selected for the job.",),
    ),
    Guard(
        "en.such",
        Side.SENTENCE,
        "names a class of applicants or an earlier application (unsuccessful applicants)",
        re.compile(
            r"\b(?:unsuccessful|unselected) (?:applicants|candidates|applications|entries)\b"
            r"|\b(?:after|following|since) your (?:\w+ )?unsuccessful (?:application|interview"
            r"|attempt)\b"
        ),
        ("unsuccessful applicants will not be notified.",),
        (
            "your application was unsuccessful.",
            "you are one of the unsuccessful applicants, and we are sorry.",
        ),
        unless=re.compile(r"\byou(?:'re| are| were| have)\b|\bone of\b|\bamong\b"),
    ),
    Guard(
        "en.upheld",
        Side.AFTER,
        "an earlier decision is upheld or looked into",
        re.compile(
            r"^[^.;,]{0,16}\b(?:was|is|has been|to be) (?:taken |made )?(?:properly"
            r"|correct(?:ly)?|fair(?:ly)?"
            r"|upheld|sound|justified|in line|reviewed)\b"
        ),
        ("we found that the decision not to shortlist you was taken properly.",),
        ("the decision not to shortlist you was not easy.",),
    ),
    Guard(
        "en.told-by",
        Side.BEFORE,
        "told by others (they wrote that…)",
        re.compile(
            r"\bthey (?:wrote|emailed|replied|told|answered)(?: back)?(?: to)? (?:that|me|her|him"
            r"|us|the)\b"
        ),
        ("they wrote that you were not selected.", "they told her that you were not selected."),
        ("you were not selected, as they were told.",),
    ),
    Guard(
        "en.back-then",
        Side.AFTER,
        "told of an earlier time (last month)",
        re.compile(
            r"^[^.;,]{0,24}\b(?:last (?:month|year|spring|summer|autumn|winter)|back then"
            r"|at the time)\b(?!'s)"
        ),
        ("we were unable to offer you the job last month.",),
        ("we are unable to offer you the job.",),
    ),
    Guard(
        "en.that-day",
        Side.AFTER,
        "an appointment does not take place (tomorrow)",
        re.compile(
            r"^(?![^.;,]{0,20}\b(?:who|start))[^.;,]{0,20}\b(?:tomorrow|today|tonight"
            r"|this (?:morning|afternoon|evening)"
            r"|on (?:mon|tues|wednes|thurs|fri|satur|sun)day|at \d)\b"
        ),
        ("we can't go ahead with the interview tomorrow.",),
        ("we can't go ahead with your application.",),
    ),
)
