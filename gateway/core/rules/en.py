"""English verdicts: who or what is turned down, with the words that turn it down."""

from gateway.core.rules.rule import verdict

_NOT = r"(?:\bnot\b|n't\b|\bcannot\b|\bunable\b|\bnever\b|\bno longer\b)"
_YOU = (
    r"(?:\byou(?:r|rs|'re|'ve)?\b|\bapplication\b|\bapplicant\b|\bcandidacy\b"
    r"|\bcandidate\b|\bprofile\b|\bresume\b|\bcv\b)"
)
_JOB = (
    r"(?:role|position|job|post|place|vacancy|opening|internship|opportunity|interview"
    r"|employment|offer|spot|seat|contract|assignment|project|gig)s?\b"
)
NOT_THIS_WAY = (
    r"(?! (?:(?:by|via) (?:e-?mail|post|fax|phone|telephone)|in (?:this|that|its|the) (?:[\w-]+ )?"
    r"(?:format|form|file))\b)"
)
"""Behind an application that is not accepted: it is asked for in another form."""

VERDICTS = (
    verdict(
        "en.not-forward",
        4.5,
        "not taken forward (not moving forward)",
        r"(?:"
        + _NOT
        + r"|\bdecided against\b|\bdecided to stop\b)[^.;]{0,40}?\b(?:mov|proceed|progress"
        r"|advanc|tak|tak|go(?:ing)?\b|continu|bring|carry|push|pursu"
        r"|put)\w*\b[^.;]{0,40}?"
        r"(?:\bforward\b|\bahead with\b|\bany further\b|\bfurther (?:in|with|on)\b|\bto "
        r"the (?:next|final|second|interview|following)\b|\bwith you\b|\bwith your\b"
        r"|\bnext (?:stage|step|round|phase)\b|\bour (?:conversations?|discussions?"
        r"|talks|process)\b|\bthe (?:process|recruitment)\b|\b(?:beyond|past) the\b)",
        (
            "we will not be moving forward with your application.",
            "we have decided not to take it to the next stage.",
            "we're unable to progress your application any further.",
        ),
        ("please do not hesitate to contact us.", "we look forward to meeting you."),
    ),
    verdict(
        "en.not-selected",
        4.5,
        "the reader is not selected",
        _YOU
        + r"[^.;]{0,40}?"
        + _NOT
        + r"[^.;]{0,25}?\b(?:selected|shortlisted|short-listed|suc+es+ful+|chosen|picked"
        r"|hired|hiring you|invited|advanc\w+|progress\w+|being considered|be considered"
        r"|accepted|taken (?:forward|further)|moving (?:forward|on|ahead)|move "
        r"(?:forward|on|ahead)|going (?:forward|further)|go (?:forward|further)"
        r"|appointed|among|made it|make it|offered|retained|pursued|succeed(?:ed)?|one of)\b",
        (
            "unfortunately you have not been selected for this role.",
            "your application was not successful on this occasion.",
            "reason: candidate not selected",
        ),
        ("you will not be charged.", "thank you for your application."),
    ),
    verdict(
        "en.we-do-not-hire",
        4.5,
        "the company does not hire, invite or offer",
        _NOT + r"[^.;]{0,30}?\b(?:select\w*|shortlist\w*|choos\w+|hir(?:e|ing)|invit\w+"
        r"|interview(?:ing)?|includ\w+|offer\w*|consider\w*|accept\w*|appoint\w*"
        r"|progress\w*|recommend\w*|employ(?:ing)?|engag\w+|extend\w*|giv\w+|provid\w+"
        r"|plac\w+|recruit\w*|cast(?:ing)?|book(?:ing)?|sign(?:ing)?|commission\w*|tak\w+|mak\w+"
        r"|bring\w*)\b(?:(?! if )[^.;]){0,24}?(?:\byou "
        r"(?:one|this|that|anything|something|work|employment|an (?:apprenticeship|appointment"
        r"|internship"
        r"|interview|opportunity|opening|audition)|as|on|an offer|the|any|a|in|for|to)\b"
        r"|\byou[.,!?]|\byou$"
        r"|\byour (?:application"
        r"|candidacy|profile|cv|resume|portfolio)\b" + NOT_THIS_WAY + r"|\ban? (?:" + _JOB + r"))",
        (
            "we're not going to be hiring you for this one.",
            "we are unable to offer you a position.",
            "we won't be able to consider your application.",
        ),
        (
            "we do not offer parking.",
            "we would like to offer you the position.",
            "we cannot accept your application by email.",
        ),
    ),
    verdict(
        "en.unsuccessful",
        3.5,
        "unsuccessful",
        r"\bunsuccessful\b",
        ("your application was unsuccessful.",),
        ("a successful year.",),
    ),
    verdict(
        "en.regret",
        2.0,
        "regret to inform",
        r"\bregret (?:to (?:inform|advise|say|tell|let|have)|that|having)\b|\bsorry to "
        r"(?:inform|say|tell|let you know|report)\b",
        ("i regret to inform you that the post was given to another.",),
        ("we are sorry for the delay.",),
    ),
    verdict(
        "en.another-chosen",
        4.5,
        "somebody else was chosen",
        r"\b(?:chosen?|chose|choos\w+|select\w*|mov(?:e|ed|ing) (?:forward|ahead|on)"
        r"|proceed\w*|pursu\w*|go(?:ing|ne)? (?:\w+ )?with|went (?:\w+ )?with|going in"
        r"|go in|offer(?:ed|ing)?|hir(?:e|ed|ing)|settled|decid\w+ (?:on|to|for)"
        r"|appoint\w*|pick\w*|continu\w*|progress\w*|fill\w*|advanc\w*|focus\w*|opt\w*"
        r"|prefer\w*|favou?r\w*|voted|accepted|given|awarded|gave)\b[^.;]{0,50}?"
        r"(?:\b(?:other|another|different|internal|stronger|alternative|external)\b(?: "
        r"[\w-]+){0,2}? (?:candidate|applicant|person|people|individual|finalist|artist"
        r"|designer|engineer|writer|developer|freelancer|profile|direction"
        r"|applications?)|\b(?:someone|somebody)\b|\b(?:(?:the|a|those|two|three|four"
        r"|five|several|one) )?(?:[\w-]+ )?(?:candidate|applicant|person|people|finalist"
        r"|artist|designer|writer|engineer|developer|individual)s? (?:who|whose|with"
        r"|that|already|from|had|has|have)\b|\ban internal\b|\bthe others?\b[.,]?$"
        r"|\b(?:an?|the) (?:more|different|better|slightly more|stronger) (?:[\w-]+ "
        r")?(?:profile|candidate|person|applicant|background)\b)|\b(?:went|gone|going"
        r"|given|offered|goes) to (?:someone|somebody|another(?! (?:team|group|department|day"
        r"|date))|a different|an internal)\b",
        (
            "we have decided to pursue other candidates.",
            "we're going to move ahead with someone whose experience is closer.",
            "the team settled on another candidate.",
            "the partners chose the candidate who had already run an office.",
        ),
        ("please choose another date.", "we met other candidates."),
    ),
    verdict(
        "en.wanted-somebody",
        2.5,
        "somebody else was wanted",
        r"\b(?:wanted|needed|preferred|sought)\b (?:an? )?(?:[\w-]+ ){1,5}?(?:already|fluent"
        r"|with (?:more|direct|hands-on)|who (?:has|had|already|could|can))\b"
        r"|\b(?:wanted|needed|need|looking for|preferred|searching for"
        r"|sought)\b[^.;]{0,12}?\b(?:someone|somebody|a candidate|candidates|a person"
        r"|people|more (?:experience|depth|seniority))\b",
        ("the board wanted somebody with a licence already in hand.",),
        ("somebody will call you.",),
    ),
    verdict(
        "en.other-better",
        3.5,
        "another candidate had more to offer",
        r"\b(?:other|another|some|several|a few)\b(?: [\w-]+){0,2}? (?:candidate"
        r"|finalist|applicant|person)s? (?:had|has|have|having|were|was|with|met|better|more"
        r"|demonstrated|whose|showed|brought)\b(?! (?:not|n't|also|still|be)\b)"
        r"|\b(?:other|another) (?:candidate|applicant|finalist)(?:s'|'s"
        r"|s)? (?:[\w-]+ ){0,3}?(?:to be |was |were |as )"
        r"(?:more|stronger|better|closer)\b|\bothers (?:had|have|brought|offered|showed"
        r"|demonstrated) (?:\w+ )?(?:more|stronger"
        r"|better"
        r"|greater|deeper|closer|relevant)\b"
        r"|\bone of the (?:other )?(?:candidates|applicants|finalists|others) (?:had|came|comes|has"
        r"|already|brought|brings)\b",
        ("the panel felt that another finalist had more experience.",),
        ("other candidates will be interviewed tomorrow.",),
    ),
    verdict(
        "en.bad-news",
        3.0,
        "bad news, or no good news to give",
        r"(?:\bnot|n't|\bno|\bnever)\b[^.;]{0,20}?\b(?:(?:good|better|great|positive"
        r"|happier) (?:news|tidings)|the (?:news|outcome|answer|result|decision) (?:that )?(?:you"
        r"|we))\b|\b(?:bad|disappointing|difficult|sad|unwelcome) (?:news|outcome)\b"
        r"|\bbetter news\b|\b(?:didn't|did not|hasn't|won't|not) (?:work(?:ed)? out|go "
        r"your way)\b|\bsorry to bring\b",
        ("i'm afraid i don't have good news.", "this isn't the news you were hoping for."),
        ("good news!",),
    ),
    verdict(
        "en.found",
        2.5,
        "the place was given to a person found",
        r"\b(?:we|team|partners|board|they)(?:'ve| have| had| "
        r"did)?\b[^.;]{0,20}?\b(?:found|find|hired|hiring|appointed) (?:our|a|an|the"
        r"|someone\b|somebody\b)(?! ?(?:time|slot|date|room|way|bug|problem|issue|mistake"
        r"|solution|error))|\bsearch is over\b|\b(?:forward|ahead) with (?:a|an|another"
        r"|other|one) (?:[\w-]+ ){0,2}(?:candidate|applicant|person|finalist)",
        (
            "we've found our new head chef.",
            "we've opted to go forward with a candidate based in osaka.",
        ),
        ("we found a time that works.",),
    ),
    verdict(
        "en.better-match",
        3.0,
        "others match better",
        r"\b(?:more closely|better (?:suit|match|fit|align|qualif)\w*|closer (?:match"
        r"|fit|to what)|stronger (?:match|fit|candidate|applicant|application)s?)\b",
        ("other applicants better matched our needs.",),
        ("we feel better now.",),
    ),
    verdict(
        "en.position-closed",
        4.0,
        "the position is filled or closed",
        r"(?<!\bno )\b(?:position|role|opening|vacancy|job|post|spot|place|internship|requisition"
        r"|headcount|search|hiring|recruitment|it|budget"
        r"|application)s?\b(?:(?!ha(?:s|ve)(?:n't| not)\b|is(?:n't| not)\b|are(?:n't"
        r"| not)\b)[^.;]){0,36}?\b(?:filled|closed|cancell?ed|frozen|eliminated"
        r"|withdrawn|freeze|disappeared|(?:now|already|been) taken|taken now|pulled|scrapped|axed"
        r"|shelved|put on ice|off the table"
        r"|unfilled|vacant|cut|no longer (?:open|available"
        r"|required(?! to)|needed(?! to)|necessary|hiring|recruiting|accepting|reviewing|active"
        r"|exists?"
        r"|be filled|filling))\b"
        r"|\bcall(?:ed|ing)? off (?:the|our|your|all) (?:interviews?|search|hiring|recruitment)\b"
        r"|\bwithdr(?:awing|awn|ew) (?:the|our|this) (?:advert\w*|vacancy|position|role|posting"
        r"|listing)\b"
        r"|\bwe(?:'ve| have)?(?: now| already| since| just)* (?:filled|closed(?! the office| for)"
        r"|appointed"
        r"|hired|cancell?ed|frozen)\b|\bno longer (?:reviewing|hiring|recruiting|filling"
        r"|looking to fill|accepting)\b|\b(?:will not|won\'t) be (?:interviewing|hiring"
        r"|recruiting|filling)\b",
        ("the position has been filled.", "we have filled our positions."),
        ("the role is open until friday.",),
    ),
    verdict(
        "en.not-a-fit",
        3.5,
        "not a fit or match",
        _NOT + r"[^.;]{0,30}?\b(?:fits?|(?<!we can't )(?<!we cannot )match\w*"
        r"|right (?:person|one|role|place|fit|match|move"
        r"|opportunity|job)|a fit\b|suited|suitable|what "
        r"we(?:'re| are| were) (?:looking|after)|we (?:need|require)|looking for|line up"
        r"|align\w*|meet (?:the|our|all)|qualified)\b",
        ("your experience is not a fit for this role.", "the skills aren't a match."),
        ("a great fit for us.", "unfortunately we can't match four days a week."),
    ),
    verdict(
        "en.declined",
        4.5,
        "the application is declined or closed",
        r"\bturn(?:ed|ing)? (?:you|your (?:\w+ )?(?:application|candidacy)) (?:down|away)\b"
        r"|\b(?:declin\w+|reject(?:ed|ing|s)?\b(?! (?:e-?mail|letter|mail)s?)|turn(?:ed|ing)? down"
        r"|pass(?:ed|ing)? on|decided "
        r"against|rul\w+ out)\b[^.;]{0,20}?(?:\byou\b(?! to)|\byour (?:application"
        r"|candidacy|profile|submission)\b)"
        r"|\b(?:your (?:\w+ )?(?:application|candidacy|profile)|you(?:'re| are| "
        r"have)?)\b(?:(?!n't\b|\bnot\b|\bnever\b)[^.;]){0,25}?\b(?:declined|rejected|turned down"
        r"|archived|removed from"
        r"|disqualified|no longer (?:under|being|in) consider\w*|out of the running|no "
        r"longer in the running)\b"
        r"|\b(?:application|candidacy)\b[^.;]{0,20}?\bclosed\b|\bclosed your application\b",
        ("your application has been declined.", "the employer has closed your application."),
        ("please close the window.",),
    ),
    verdict(
        "en.a-no",
        3.5,
        "a no in few words",
        r"\bbe a no\b|\b(?:it's|it is|it was|it has to be|this is|that's|that was) a no\b"
        r"|\bnot this time\b|\bnot "
        r"(?:on|for) this (?:occasion|one|role)\b|\ba (?:no|pass) (?:from|for)\b"
        r"|\banswer\b[^.]{0,24}\b(?:is|be) no\b|\b(?:say|saying) no\b|\b(?:won't|isn't going to"
        r"|not going to|can't) be you\b|\b(?:doing|do) you no favou?rs\b"
        r"|\bpreference (?:was|is|fell|went)\b[^.;]{0,16}?\b(?:other|another)\b"
        r"|\bstopping here\b|\bgone as far as we can with (?:you|your)\b"
        r"|\b(?:have|going|decided) to pass\b|\bisn't (?:a yes|you)\b|\bno for now\b"
        r"|\bdecided against\b|\b(?:wasn't|weren't|isn't) (?:you\b|the one)",
        ("so it's a no from us for now.", "not this time, i'm afraid."),
        ("no problem at all.",),
    ),
    verdict(
        "en.fell-short",
        3.0,
        "fell short of the choice",
        r"\b(?:fell|fall|fallen|falls) short\b|\b(?:didn't|did not|won't|not) (?:quite "
        r")?(?:make|made) (?:it|the (?:cut|list|shortlist|final))\b|\bmissed out\b"
        r"|\b(?:a|very) close second\b|\brunner-?up\b|\b(?:over|under)-?\s?qualified\b"
        r"|\bnot quite (?:there|enough|what)\b|\b(?:isn't|aren't|not|wasn't|weren't) "
        r"among\b|\btoo \w+ for (?:this|the|our)\b|\bnot on (?:the|our) (?:short\s?list"
        r"|list)\b",
        ("you didn't make the shortlist.", "yours isn't among them this time."),
        ("a short list of documents.",),
    ),
    verdict(
        "en.decided-not",
        4.5,
        "decided not to hire or go on",
        r"\b(?:decid\w+|decision|chosen|opted|elected|voted|agreed|concluded|resolved|recommended"
        r"|recommendation|verdict|consensus|preferred)\b[^.;]{0,12}?\bnot (?:to )?(?:hir"
        r"|fill|continu|go|tak|mov|proceed|progress|interview|offer|recruit|pursu|advanc|call"
        r"|employ|select|consider"
        r"|invit|bring|mak|appoint|shortlist)\w*\b(?! (?:an? |any )?(?:agenc|firm|supplier|vendor"
        r"|contractor|consultant))",
        ("we have decided not to fill the vacancy.",),
        ("you may decide not to answer.",),
    ),
    verdict(
        "en.status-line",
        4.5,
        "a status that says no (status: rejected)",
        r"\bstatus\b[^.;]{0,120}? (?:not (?:selected|successful|shortlisted|progress(?:ed|ing)"
        r"|moving forward)|unsuccessful|no longer (?:under consideration|being considered"
        r"|in consideration)|application rejected)(?=$|[.;]| (?:no|thank|your|you|please"
        r"|view|this|we)\b)|\b(?:status|result|outcome|decision|reason"
        r"|disposition)\b[^.;]{0,30}?(?:[:\"]"
        r"|\bto\b"
        r"| -|\bis\b) ?\"?(?:not (?:selected|successful|shortlisted|progress\w+|moving)"
        r"|reject(?:ed)?\b|declined|unsuccessful|closed|regret)",
        ("status: not selected", 'your application status has changed to "declined".'),
        ("status: under review",),
    ),
    verdict(
        "en.ends-here",
        3.5,
        "the process ends here",
        r"\b(?:end|ends|ending|conclud\w+|clos(?:e|ing)(?: out)?|stop\w*"
        r"|finish\w*)\b[^.;]{0,16}?\b(?:your application|your candidacy|the process here"
        r"|here with|(?:the )?(?:interview |hiring |selection |recruitment )?process "
        r"(?:with you|here|at this))\b|\b(?:stop|leave it|leave things|end it|end "
        r"things) here\b|\bas far as (?:we|it|this|you)\b[^.;]{0,12}?\bgo\b|\bend of the "
        r"road\b|\bnot (?:be )?tak\w+ (?:it|this|things) (?:any )?further\b",
        ("we will be ending the process here.",),
        ("the week ends on friday.",),
    ),
)
