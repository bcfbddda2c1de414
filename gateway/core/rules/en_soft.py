"""English verdicts that never say rejected: no place, no next step, somebody else already."""

from gateway.core.rules.rule import verdict

_NOT = r"(?:\bnot\b|n't\b|\bcannot\b|\bunable\b|\bnever\b|\bno longer\b)"
_STEP = (
    r"(?:interview|onsite|on-site|call|chat|meeting|round|stage|step|phase|trial|shift|test"
    r"|assessment"
    r"|conversation|visit|screen)s?"
)

SOFT_VERDICTS = (
    verdict(
        "en.no-next-step",
        4.5,
        "no next step is arranged (we won't be scheduling)",
        _NOT
        + r"[^.;,]{0,20}?\b(?:schedul|book|arrang|set(?:ting)? up|organi[sz]|invit|ask|bring|call|"
        r"go(?:ing)? ahead with|hold|have|offer)\w*\b[^.;,]{0,30}?\b(?:onsite|on-site|final"
        r"|second|third|next"
        r"|further|another|follow-?up|in-person|panel)\b(?: " + _STEP + r")?"
        r"|"
        + _NOT
        + r" (?:be )?(?:ask|invit|call|bring|hav|see|tak)\w* you (?:in|back|along|up|over"
        r"|down|to|for|on)\b(?: (?:for|to))?(?: an?| the| our| your)? ?" + _STEP + r"\b"
        r"(?! (?:on|at|tomorrow|today|until|before))",
        (
            "on that basis we won't be scheduling the onsite.",
            "we will not be inviting you to a second interview.",
            "we will not be asking you in for interview.",
        ),
        ("i can't make the second interview on monday, sorry.",),
    ),
    verdict(
        "en.not-progress",
        4.0,
        "the application is not progressed",
        r"(?:"
        + _NOT
        + r"|\bagainst\b)[^.;]{0,24}?\b(?:progress\w*|proceed\w*|advanc\w*|pursu\w*|continu\w*"
        r"|mov\w+ (?:on|forward|ahead)|tak\w+(?! part))\b[^.;]{0,30}?\b(?:you (?:on|forward"
        r"|further)|yours?"
        r"|application|candidacy|candidature|interviews?|this time|this occasion|at this (?:time"
        r"|point|stage)"
        r"|any further|things further|(?:it|this|things) (?:any )?further)\b",
        ("we won't be progressing your candidacy.", "we can't take you on at the moment."),
        ("i could not continue our call.",),
    ),
    verdict(
        "en.not-made-it",
        4.5,
        "did not make it through",
        r"\byou\w*\b[^.;]{0,24}?"
        + _NOT
        + r"[^.;]{0,16}?\b(?:made|make|got|get|gone|passed|pass|reached"
        r"|reach|scored?|met|meet|satisf\w+|qualif\w+)\b[^.;]{0,20}?\b(?:it|through|past|to the"
        r"|(?:the|our"
        r"|this) (?:next"
        r"|final|cut"
        r"|bar|mark|list|shortlist|standard|score|threshold|requirements?|criteria|grade))\b"
        r"|\b(?:fell|fall|fallen|falls|came|come) (?:\w+ ){0,2}short\b|\bnarrowly missed\b",
        ("you haven't made it through to the next stage.", "you fell just short of it."),
        ("the list of what you need is not long.",),
    ),
    verdict(
        "en.given-away",
        4.0,
        "the place was given to somebody",
        r"\b(?:given|gave|giving|gone|went|goes|going|offered|awarded)\b (?:(?:it|this|that"
        r"|the [\w-]+|them|both|on)"
        r" ){0,2}to (?:(?:someone|somebody|another(?! (?:team|group|department|room|day|date)))\b"
        r"|(?:a|an|the|one|our|my|another"
        r"|two) (?:[\w-]+ ){0,3}?(?:student|person|guy|girl"
        r"|lad|candidate|applicant|colleague|member|lady|woman|man|friend|finalist|engineer"
        r"|designer|teacher|developer"
        r"|individual|one|who|else)\b)"
        r"|\b(?:gone|went|going|go|goes|hired?|filled|promoted|promot\w+|appointed"
        r"|recruited) (?:\w+ )?(?:internally"
        r"|elsewhere|from within|in-house)\b"
        r"|\b(?:has|have|had) (?:now )?(?:accepted|taken|signed for) (?:the|our) (?:role|job"
        r"|offer|post|position|place)\b",
        (
            "i've given it to a student who already works with our code.",
            "the job has gone to someone from the other branch.",
            "in the end we've gone internally for this one.",
        ),
        ("the report was given to the board.",),
    ),
    verdict(
        "en.other-direction",
        4.0,
        "another direction was taken",
        r"\b(?:in|on|down|took|take|taken|taking|going|gone|go|went|chosen|chose) (?:in )?(?:a|an"
        r"|another)(?: \w+)?"
        r" ?(?:direction|route|path)\b|\b(?:gone|went|going|go) (?:another|a different"
        r"|the other) way\b",
        ("the board is going in a different direction.", "we've gone another way for this hire."),
        ("directions to our office are attached.",),
    ),
    verdict(
        "en.no-room",
        3.0,
        "no place, budget or need (we don't have any openings)",
        r"\bonly (?:ever )?(?:have|had) (?:the )?(?:room|budget|headcount|funding) for (?:one|two"
        r"|a single)\b"
        r"|(?:\bno|n't have (?:a|an|any|the|another)|\bnot have (?:a|an|any|the)|\bnothing"
        r"|\bwithout (?:a|an|any))\b"
        r" ?(?:[\w-]+ ){0,2}?(?:openings?|vacanc(?:y|ies)|headcount|positions?|roles?|jobs?"
        r"|shifts?|spots?|places?|work"
        r"|hours|space|room|capacity|budget|desk)\b|n't (?:have )?anything (?:\w+ )?(?:for you"
        r"|suitable|right now"
        r"|that fits)|\b(?:team|rota|class|cohort|roster|intake|we) (?:is|are|'re|'s) (?:now "
        r"|already |all )?(?:full|fully"
        r" staffed|set)\b|(?:\bstopped|\bnot|n't|\bfinished|\bdone) (?:currently )?(?:hiring"
        r"|recruiting|taking (?:anyone|people)"
        r"(?: on)?)\b|\benough (?:[\w-]+ )?(?:people|staff|hands|drivers|tutors|applicants"
        r"|candidates)\b",
        (
            "i'm sorry, we don't have any openings this summer.",
            "the team is full now.",
            "we only had room for one this year.",
        ),
        ("there is no need to bring anything.",),
    ),
    verdict(
        "en.below-bar",
        3.5,
        "below the bar, or others ranked higher",
        r"\bbelow (?:the|our) [^.;]{0,20}?(?:bar|threshold|cut-?off|mark|line|score|standard"
        r"|level)\b"
        r"|(?:\bnot|n't) rank\b|\b(?:others?|candidates?|applicants?)\b[^.;]{0,20}?\b(?:scored"
        r"|ranked|rated"
        r"|were (?:stronger|ahead))\b"
        r"|\b(?:pipped|edged|nosed) (?:you|out)\b|\bhad the edge\b|(?:\bnot|n't) (?:quite "
        r"|yet )?(?:at|up to) (?:the|our) (?:level|standard)\b"
        r"|\b(?:job|role|post|place|position) is theirs\b|\bjust ahead of you\b"
        r"|(?:\bnot|n't) (?:quite |yet |as )?(?:strong|deep|senior|ready|experienced"
        r"|advanced) (?:enough|as)\b"
        r"|\byou (?:lack|do not have|don't have|didn't have|did not have|don't yet have)\b",
        ("your score was below our cut-off.", "another candidate had the edge."),
        ("the price is below our estimate.",),
    ),
    verdict(
        "en.wont-work",
        3.0,
        "it will not work out",
        _NOT
        + r"[^.;]{0,16}?\b(?:work(?:ing|ed)? out|be working (?:together|with you)|going to happen"
        r"|gonna happen"
        r"|be a (?:yes|match|fit)|be (?:joining|one of)|be taking you|be needing you"
        r"|going to work for|a (?:good )?match"
        r"|see a (?:match|fit)|the right (?:match|fit|time|move)|(?:be|going to be) yours)\b",
        ("it's just not going to work out.", "we don't see a match with our needs."),
        ("the printer does not work.",),
    ),
    verdict(
        "en.disappoint",
        2.5,
        "the reader is disappointed or let down",
        r"\b(?:have to|had to|must|sorry to|hate to) (?:disappoint you|let you down"
        r"|turn you (?:down"
        r"|away)|say no|decline)\b"
        r"|(?:\bnot|n't)\b[^.;]{0,10}?\bthe (?:\w+ )?(?:news|outcome|answer|result|decision|reply"
        r"|e-?mail|message|call"
        r"|response) (?:that )?(?:you|we|i)\b|\bwish (?:i|we|it) (?:had|could"
        r"|were)\b[^.;]{0,24}?\b(?:news|different"
        r"|otherwise|answer|yes)\b|(?:\bnot|n't|\bcannot|\bunable to) (?:meet|answer|live up to"
        r"|fulfil+) your (?:wish|expectation|hope)\w*",
        ("this isn't the reply you were hoping for.", "i'm sorry to let you down."),
        ("don't let me down.",),
    ),
    verdict(
        "en.search-goes-on",
        3.0,
        "the search goes on without the reader",
        r"\b(?:continu\w*|keep|kept|extend\w*|restart\w*|re-?open\w*|carry on|resum\w*"
        r"|widen\w*)\b[^.;]{0,12}?"
        r"(?:\b(?:our|the|my) (?:\w+ )?search\b|\blooking (?:for (?:someone|somebody|another"
        r"|other)|elsewhere)\b)"
        r"|\blook(?:ing)? elsewhere\b|\b(?:i|we)(?:'m|'re| am| are|'ll| will)? (?:going to "
        r"|have to )?"
        r"keep(?:ing)? looking\b",
        ("we're going to keep looking for someone with more retail time.",),
        ("keep looking at our page for new openings.",),
    ),
    verdict(
        "en.process-over",
        3.5,
        "the application is closed or left there",
        r"\b(?:close|closing|closed)\b(?: out| off| down)? (?:your|this|the) (?:application|file"
        r"|candidacy|process)\b"
        r"|\bmark(?:ed|ing)? (?:your|the|this) (?:file|application|record|case) (?:as )?(?:closed"
        r"|complete|unsuccessful|inactive)\b"
        r"|\b(?:leave|leaving|left) (?:it|things|this) (?:there|here|at that)\b|\bpart ways\b"
        r"|\bstep(?:ping)? away\b|\bstop (?:the|our|this) (?:recruitment|hiring|search|process)\b"
        r"|\b(?:end|ends|ended|stop|stops)\b[^.;]{0,16}?\b(?:your|the"
        r"|our) (?:\w+ )?(?:application|process"
        r"|candidacy|conversations?)\b",
        ("we've agreed to close out your application.", "i think we should leave it there."),
        ("applications close on friday.",),
    ),
    verdict(
        "en.not-approved",
        2.0,
        "hint: an application is not approved, as those for permits and programmes are",
        r"\b(?:you|applications?|candidacy|request)\b[^.;]{0,40}?"
        + _NOT
        + r"[^.;]{0,16}?\bapproved?\b",
        ("we regret to inform you that your application was not approved.",),
        ("your application was approved.", "an employee is not approved for overtime."),
    ),
    verdict(
        "en.regretted-negative",
        1.75,
        "hint: a negative told with regret",
        r"\b(?:unfortunately|sorry|afraid|regret\w*|sadly)\b[^.;]{0,80}?(?:\bnot\b|n't\b"
        r"|\bcannot\b|\bunable\b|\bno\b"
        r"|\bonly\b|\bother\b|\banother\b|\belse\b|\bclosed\b|\bfilled\b)",
        ("unfortunately the team could not agree.",),
        ("sorry for the delay.",),
    ),
)
