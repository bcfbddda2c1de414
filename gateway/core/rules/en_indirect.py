"""English verdicts that speak of the choice, the plan or what might have been."""

from gateway.core.rules.rule import verdict

_OTHER = (
    r"(?:an?|the|one)?\s?(?:other|another|different|internal) (?:[\w-]+ )?"
    r"(?:candidate|applicant|person|finalist|one)"
)

INDIRECT_VERDICTS = (
    verdict(
        "en.decision-fell",
        4.25,
        "the decision fell on somebody else",
        r"\b(?:decision|choice|vote|nod|place|role|job|seat|offer|position)\b[^.;,]{0,24}?\b(?:fell"
        r"|fallen|falls|went|gone|landed"
        r"|came down|settled)(?: \w+)? (?:on|to|for|upon|with|in favou?r of) (?:"
        + _OTHER
        + r"|someone|somebody|an applicant|a candidate|others)",
        ("the decision has fallen on another applicant.",),
        ("the decision fell on a monday.",),
    ),
    verdict(
        "en.asked-another",
        4.0,
        "somebody else was asked to take the post",
        r"\b(?:asked|invited|persuaded) (?:her|him|them|someone|somebody|another \w+|the other \w+"
        r"|one of the others?) to"
        r" (?:join (?:us|the (?:team|studio|company|firm))|take (?:it|the (?:job|role|post"
        r"|position))|start)\b"
        r"(?! (?:on|for) (?:the|a|our) (?:call|meeting|lunch))"
        r"|\b(?:someone|somebody|other candidate|other person|first choice"
        r"|preferred candidate)(?: else)? (?:has |have )?(?:said yes"
        r"|accepted|agreed to join|will be joining|is joining)\b",
        ("so we have asked her to join us.", "our first choice has accepted."),
        ("we asked them to join us on the call.",),
    ),
    verdict(
        "en.other-place",
        3.0,
        "came to another choice",
        r"\b(?:ended up|landed|came out|came down|arrived|finished)(?: \w+)? (?:in|at|on|with) (?:a"
        r"|an) (?:very |quite )?(?:different|other)"
        r" (?:place|choice|decision|conclusion|answer|person|candidate)\b",
        ("for the label manager seat we ended up in a different place.",),
        ("the parcel ended up in the wrong place.",),
    ),
    verdict(
        "en.counterfactual",
        2.5,
        "what would have been",
        r"\byou(?:'d| would) have (?:been|made|brought|fitted|fit|added|done)\b"
        r"|\b(?:i|we)(?:'d| would) have (?:loved|liked|enjoyed|preferred) (?:to (?:have (?:you|had)"
        r"|hire|offer|work|say|bring|see you)"
        r"|working|having|you to)\b|\bwish (?:we|i) (?:had|could have) (?:two|another|more|hired"
        r"|offered|a second)\b",
        ("you'd have been the brave choice.", "i wish we had two places."),
        ("you would have to bring a laptop.",),
    ),
    verdict(
        "en.called-off",
        3.5,
        "the interviews or the hiring do not take place",
        r"\b(?:interviews|hiring|recruitment|search)\b (?:is|are)(?: all| now)? (?:off|over"
        r"|cancelled|canceled|stopped|finished)\b"
        r"|\b(?:headcount|req|requisition|budget|role|position|post|opening"
        r"|vacancy)\b[^.;,]{0,16}?\b(?:did not|didn't|won't|will not)"
        r" (?:survive|make it|get (?:approved|signed off|through)|go ahead|be going ahead)\b"
        r"|\breq\b[^.;,]{0,12}?\b(?:withdrawn|pulled|closed|cancell?ed|frozen)\b"
        r"|\bno (?:longer any )?(?:need|reason) for you to (?:come|travel|attend|interview)\b"
        r"|\b(?:you|everyone|everybody|all candidates)\b[^.;]{0,30}?\b(?:being|been"
        r"|are) (?:released|let go)\b[^.;]{0,12}?(?:today|now|process|$)",
        (
            "the concierge interviews are off.",
            "the content strategist headcount did not survive it.",
            "there's no need for you to come on friday any longer.",
        ),
        ("the lights are off.", "there is no need for you to bring a cv."),
    ),
    verdict(
        "en.promoted-within",
        3.0,
        "a colleague was promoted to the post",
        r"\bpromot(?:e|ed|ing) (?!you\b|your\b|our (?:products|brand))(?:[\w'-]+ ){1,3}?(?:from|to"
        r"|into)\b|\bfilled? (?:it )?from within\b",
        ("management decided to promote teresa from reception.",),
        ("we would like to promote you to manager.",),
    ),
)
