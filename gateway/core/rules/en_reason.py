"""English verdicts that only give the reason: not at the level, outvoted, nobody needed."""

from gateway.core.rules.rule import verdict

_NOT = r"(?:\bnot\b|n't\b|\bcannot\b|\bunable to\b|\bno longer\b)"
_POST = r"(?:job|role|position|post|vacancy|opening|place|seat|spot)"

REASON_VERDICTS = (
    verdict(
        "en.not-convinced",
        3.5,
        "the deciders were not convinced",
        _NOT
        + r"[^.;,]{0,24}?\b(?:approve (?:you|your (?:packet|hire))\b|support your (?:application"
        r"|candidacy)"
        r"|reach(?:ed)? (?:a )?consensus"
        r"|get to (?:a )?yes|got to (?:a )?yes|get (?:there|it over the line|you over the line)"
        r"|get past|clear (?:the bar|it|that)"
        r"|convinc\w+|persuad\w+|sold on|agree on (?:you|hiring)|win (?:them|the)|(?:make"
        r"|makes) sense to (?:continue|proceed|go"
        r"|move|carry))\b|\b(?:was|were|been) outvoted\b|\blost the argument\b|\b(?:says?"
        r"|said) no\b",
        (
            "we couldn't get to a yes.",
            "we could not support your application at this time.",
            "i argued for you but was outvoted.",
        ),
        ("we could not agree on a date.",),
    ),
    verdict(
        "en.not-ready",
        3.5,
        "not ready for it, or not at the level",
        _NOT + r"[^.;,]{0,16}?\byou(?:'re| are) (?:quite |yet )?(?:ready|there|experienced enough"
        r"|senior enough)\b"
        r"|\byou(?:'re| are|r \w+ (?:is|was))? ?(?:not|n't) (?:quite |yet )?(?:ready for"
        r"|where we)\b"
        r"|\btoo (?:senior|junior|experienced|far|long|expensive)\b[^.;,]{0,16}?\bfor (?:us|what"
        r"|this|the|our)\b"
        r"|\brul(?:e|es|ed|ing) you out\b|\b(?:do not|don't|does not|doesn't) (?:currently "
        r"|yet )?qualify (?:for (?:this|the|our)|you)\b"
        r"|\bnot qualify you\b",
        (
            "we don't think you're ready for this one yet.",
            "you are too senior for what we can offer.",
            "the location requirement rules you out.",
        ),
        ("the room is not ready for us.",),
    ),
    verdict(
        "en.no-further",
        4.0,
        "it goes no further",
        r"\bg(?:o|oes|oing) no further\b|\bno further (?:steps?|stages?|rounds?|action)\b(?! (?:is "
        r"|are |will be )?(?:needed|required"
        r"|necessary))(?! from you)(?! on your)|\bwe(?:'re| are)? not going ahead\b(?! (?:on|at"
        r"|until))"
        r"|\b(?:do not|don't|does not) (?:intend|wish|plan|propose|want) to (?:proceed|continue"
        r"|pursue|progress|take (?:it|this|your"
        r"|things)|go (?:any )?further)\b",
        (
            "your application will go no further.",
            "we do not intend to proceed.",
        ),
        ("no further action is needed from you.",),
    ),
    verdict(
        "en.ranked-behind",
        3.5,
        "ranked behind others",
        r"\b(?:you|yours|your (?:application|score))\b (?:came|were|was|ranked|finished|placed"
        r"|are)(?: ranked| placed| in)?"
        r" (?:a (?:very |really )?close )?(?:second|third|fourth|fifth|sixth"
        r"|runner)\b(?! (?:interview|round|stage))"
        r"|\bcame down to (?:you and|two|the two)\b|(?:\bnot|n't) (?:fall|go|gone|come"
        r"|been) (?:in )?your (?:favou?r|way)\b"
        r"|\bin favou?r of (?:another|someone|somebody|other|an internal)\b"
        r"|\bturn(?:ed)? (?:down|away)\b[^.;]{0,40}?\bincluding you\b",
        ("you were ranked fourth out of forty.", "the decision didn't go in your favour."),
        ("you are on the second floor.",),
    ),
    verdict(
        "en.not-the-news",
        3.5,
        "not the news that was wanted",
        r"\b(?:news|outcome|answer|result|decision)\b (?:is|was|isn't|wasn't|is not|was not)(?: not"
        r"|n't)?[^.;,]{0,10}?(?:good|great"
        r"|positive|the one you|what you|the (?:news|outcome|answer|result) you"
        r"|favou?rable)\b(?<!is good)(?<!was good)(?<!is great)"
        r"(?<!is positive)(?<!was positive)|\bbearer of bad news\b|\bhate (?:writing|sending"
        r"|to write|to send) th(?:is|ese)\b",
        ("the news isn't good, i'm sorry.", "the outcome is not the one you wanted."),
        ("the news is good.",),
    ),
    verdict(
        "en.passing",
        3.5,
        "passing on the reader",
        r"\b(?:we|i)(?:'re| are|'m| am|'ll| will|'ve| have)?(?: going to| decided to| chosen to"
        r"| all)?"
        r" (?:pass|passing)\b(?! (?:on|along|your|it|this (?!time|one)|you|the|them|through|by"
        r"|out)\b)",
        ("long story short, we're passing.", "we'll pass this time."),
        ("we're passing your cv to the team.", "we will pass it on."),
    ),
    verdict(
        "en.not-needed",
        3.5,
        "nobody is needed or can be hired any more",
        r"(?:\bno longer|n't|\bnot)(?: be)? need(?:s|ed|ing)? (?:an? )?(?:extra|more|another"
        r"|additional"
        r"|anyone|anybody|any more|new|further)\b"
        r"|\bwe(?:'re| are)(?: all| now| already| fully)* (?:staffed|covered|crewed)(?: up)?\b"
        r"|\ball (?:of )?(?:our|the)? ?(?:positions|places|spots|shifts|roles|vacancies"
        r"|seats) (?:are|have been|were)(?: now| already)?"
        r" (?:taken|filled|full|gone|allocated)\b|\b(?:got|found|have|hired) (?:somebody|someone"
        r"|a person)(?: else)? (?:already|now)\b"
        r"|\balready (?:got|found|have|hired) (?:somebody|someone)\b"
        r"|\b(?:that|the|our) (?:[\w-]+ )?(?:desk|seat|post|job|role|position) (?:is|has been|was)"
        r" (?:now |already )?(?:taken|filled)\b"
        r"|"
        + _NOT
        + r" (?:[\w-]+ ){0,2}?hir(?:e|ing) (?:anyone|anybody|at all|new|any)\b|\b"
        + _POST
        + r" (?:won't|will not|cannot|can't) (?:now )?(?:be created|exist|go ahead|happen|be filled"
        r"|be needed|be funded)\b"
        r"|\b(?:pulled|killed|cut|axed|frozen?|withdrew|withdrawn|pulling) (?:the|our|my"
        r"|this) (?:headcount"
        r"|funding|budget|vacancy|req)\b"
        r"|\b(?:concluded|completed|finished|ended|wrapped up|closed) (?:our"
        r"|the) (?:[\w-]+ )?(?:search"
        r"|recruitment|hiring)\b|\bpulled (?:the|our|this) (?:job )?(?:role|job|position|post|ad"
        r"|advert|listing|vacancy"
        r"|requisition)\b"
        r"|\bclosing (?:all|every) (?:open |current |active )?applications?\b|\b(?:and"
        r"|so) with it (?:the|this|your) " + _POST + r"\b"
        r"|\b" + _POST + r" went with it\b"
        r"|(?:\bnot|n't) (?:currently |now )?(?:adding|taking on|signing|onboarding"
        r"|accepting) (?:any )?(?:new|more|additional"
        r"|further) (?:freelancers|people|staff|drivers|tutors|writers|members|applicants"
        r"|applications|candidates|translators"
        r"|contractors)\b",
        (
            "we're all staffed up now.",
            "we only had room for one and that desk is now taken.",
            "hr has pulled the role.",
            "we're not adding new freelancers to our roster.",
        ),
        (
            "we need another week.",
            "we're all set for your interview.",
            "the ten o'clock slot is now taken.",
        ),
    ),
    verdict(
        "en.appoint-again",
        3.5,
        "no appointment, the recruitment starts again",
        r"\bno appointment (?:was|has been|will be) made\b|\b(?:are|were|'re) not appointing\b"
        r"|\bre-?run(?:ning)? (?:the|this|our) (?:recruitment|search|process|advert|competition)\b"
        r"|\b(?:start|starting|begin|beginning) (?:the search |the recruitment )?(?:again|afresh"
        r"|over)\b"
        r"|\bmade an appointment from\b|\b(?:appointment|hire) (?:was |is )?from within\b"
        r"|\b(?:governors?|panel|board|trustees|committee|they|we)\b[^.;]{0,120}?\bmade"
        r" (?:their|an|our|its) appointment\b(?! (?:for|on|at|with|to))"
        r"|\b(?:recruitment|search) is (?:therefore |now )?(?:at an end|over)\b"
        r"|\bnone of (?:the|our) (?:candidates|applicants"
        r"|people)\b(?! (?:have|has) been (?:contacted|told))",
        (
            "no appointment was made from this round.",
            "we've decided to re-run the recruitment.",
            "they felt we need a choral specialist, and have made their appointment accordingly.",
            "the director has confirmed an appointment from within the team.",
        ),
        ("your appointment was made for ten.", "we have made an appointment for you on monday."),
    ),
    verdict(
        "en.elsewhere",
        3.0,
        "the reader would do better elsewhere",
        r"\b(?:talents?|skills?|strengths?|experience|abilities|future|chapter"
        r"|you)\b[^.;]{0,30}?\b(?:better (?:used|suited|placed|served"
        r"|off)|lie|lies|shine|thrive|flourish|belong)s?\b[^.;]{0,10}?\b(?:elsewhere|in another"
        r"|at another|with another|somewhere else)\b"
        r"|\bmake better use of (?:you|your)\b|\b(?:offered|been offered|gone|placed"
        r"|awarded) elsewhere\b",
        ("your strengths lie elsewhere.", "the role was offered elsewhere."),
        ("you will find the form elsewhere on the page.",),
    ),
    verdict(
        "en.signed-another",
        4.25,
        "another was signed, cast or commissioned",
        r"\b(?:sign|commission|cast|book|engag)(?:ed|e|ing)? (?:someone|somebody|another"
        r"|a different|other)\b"
        r"|\b(?:gone|went|going|chose|chosen|picked|selected|hired) (?:with |for )?(?:a different"
        r"|another|the other|an alternative)"
        r" (?:[\w-]+ )?(?:voice|actor|actress|singer|model|musician|photographer|illustrator"
        r"|translator|editor|chef|driver|nurse"
        r"|teacher|tutor|player|one|bloke|guy|girl|lad|woman|man|profile|writer|coach|performer"
        r"|consultant)s?\b"
        r"|\b(?:is|are|will be) (?:taking|getting|doing) (?:the|this|that"
        r"|over the) (?:[\w-]+ )?(?:job|role|post|position|shifts?|place)\b"
        r"|\bother profiles? (?:were|was|are|is|had|have)\b|\bmoved other\b",
        (
            "we've signed someone else for the season.",
            "the director has gone with a different actor for the role.",
        ),
        ("we signed the contract.",),
    ),
    verdict(
        "en.list-without",
        4.25,
        "the list is complete without the reader",
        r"\b(?:short ?list|list|selection|line-?up|team|roster)\b[^.;]{0,30}?\b(?:without (?:you"
        r"|your)|(?:does not|doesn't|did not|didn't)"
        r" include (?:you|your))\b|\byou\b[^.;,]{0,20}?"
        + _NOT
        + r"[^.;,]{0,10}?\b(?:included|allocated|called|sifted|admitted|listed|placed"
        r"|awarded) (?:on|in|for|to|a|an|the)\b",
        (
            "the shortlist has been finalised without your application.",
            "you have not been called for interview.",
            "you haven't been included on the shortlist.",
        ),
        ("the list does not include prices.",),
    ),
    verdict(
        "en.search-wish",
        2.0,
        "hint: luck for the search for work",
        r"\b(?:luck|success|best|well|continue|keep(?: up)?)\b[^.;]{0,16}?\b(?:job|career"
        r"|employment) (?:search|hunt)\b"
        r"|\bin (?:finding|your search for) (?:\w+ )?(?:employment|work|a (?:job|role|position))\b"
        r"|\bencourage you to (?:pursue|explore|keep"
        r"|continue|look)\b",
        ("we wish you luck in finding suitable employment.", "please continue your job search."),
        ("how is your job search going?",),
    ),
)
