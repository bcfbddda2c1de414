"""English counter-evidence: topics of other letters, which may also stand beside a verdict."""

from gateway.core.rules.rule import Kind, context

TOPICS = (
    context(
        "en.trade",
        Kind.COUNTER,
        -3.0,
        "business with a supplier or customer",
        r"\b(?:proposals?(?! on)|your (?:offer|(?:[\w-]+ )?services|(?:recruiting "
        r"|hiring )?software(?! (?:eng|dev|app))|quote)|(?:another|other|different) (?:tool|vendor"
        r"|supplier|system|solution"
        r"|product|platform|agency)\b|podcast|quot(?:e|ation)s?|(?:appoint(?:ed)?|hired?|chosen"
        r"|chose|selected|engaged?|g(?:o|one|oing) with|went with) (?:another"
        r"|a different) (?:firm|company|contractor|studio|consultancy|bidder)|your (?:firm"
        r"|company|agency"
        r"|business|organi[sz]ation|consultancy)(?: is| was| has| have| were| will|'s)|tenders?|bid"
        r"|rfp|invoices?|suppliers?|vendors?|procurement|(?:our|your|the) pricing|partnership"
        r"|sponsor "
        r"(?:your|the|our|this)|keynote|speaker|feature (?:request|you)|this feature"
        r"|support (?:ticket|team"
        r"|request)|refund\w*|your order|purchase|subscription|(?:the|your) demo"
        r"|for your (?:article|piece|story|podcast|programme|documentary|publication)|press "
        r"(?:request|pass|release)|(?:service|another|different|new) provider|renewal)\b",
        ("thank you for your proposal.",),
        ("thank you for your application.",),
        unless=r"\b(?:experience|background|knowledge|expertise|skills) (?:of|in|with|as)"
        r" [^.;]{0,30}◁|▷ (?:[\w-]+ ){0,2}?(?:experience|background|skills|knowledge|expertise"
        r"|(?:manager|officer|adviser|advisor|analyst|assistant|coordinator|lead|specialist"
        r"|executive"
        r"|engineer|designer))\b",
    ),
    context(
        "en.other-application",
        Kind.COUNTER,
        -3.0,
        "an application that is not for work",
        r"\b(?:abstracts?|manuscripts?|(?<!your )papers|paper|reviewers?|memberships?"
        r"|grants?(?! (?:did|didn't|fell|com"
        r"|fund|ended))|scholarships?"
        r"|fellowships?(?! (?:position|post|role|job))|loans?|mortgages?|rental|tenan\w+"
        r"|flat|apartment|lease|admissions?"
        r"|degree|raffle|prize|meetup|webinar|conference|school place"
        r"|(?<!sponsor a )(?<!sponsor )(?<!sponsor your )visa(?!s? sponsor)|credit card"
        r"|competition (?:entry|winners?|results?)|contest|beta|early access|giveaway"
        r"|(?:corporate|company|credit) card|annual leave|leave (?:request|application)"
        r"|printer|insurance"
        r"|journal|session proposal|accelerator|(?<!travel )(?<!expense )(?<!expenses )claim|appeal"
        r"|landlord|(?<!in )(?:the|your|a) (?:room"
        r"|house|property|pitch|stall|club)|parking (?:permit|space|place|application)|allotment"
        r"|choir|to volunteer|as a volunteer|exhibition|residents|(?:school|study|coach) (?:tour"
        r"|trip)"
        r"|planning application"
        r"|foster\w*"
        r"|puppy|kitten|meeting room"
        r"|(?<!due )(?<!of )course|workshop)\b",
        (
            "your manuscript was not accepted.",
            "your membership application was unsuccessful.",
            "after the selection process for phd fellowships",
        ),
        (
            "your application was unsuccessful.",
            "the other finalist had direct experience of grant reporting.",
            "your pitch to join our freelance pool",
        ),
        unless=r"\b(?:experience|background|knowledge|expertise|qualification)s? (?:of|in|with|as)"
        r" [^.;]{0,20}◁|▷ (?:company|sector|industry|platform|firm|world|field|status had"
        r"|documents)\b|▷ (?:[\w-]+ ){0,2}?(?:experience|background|skills|knowledge"
        r"|(?:manager|officer|adviser|advisor|analyst|handler|assistant|coordinator|lead|specialist"
        r"|writer|designer) (?:role|position|post|job|vacancy))\b|pitch▷ to (?:join|work)\b"
        r"|property▷ (?:has|have|had|team|manage\w+|will|is|decided|completed)\b"
        r"|\b(?:finish|complete|continue|pass|your|her|his) (?:the |your )?(?:[\w-]+ )?◁course\b",
    ),
    context(
        "en.school",
        Kind.VETO,
        -4.0,
        "a place at a school or university",
        r"\b(?:place|spot) (?:on|at|in) (?:the|our) (?:[\w-]+ )?(?:school|course|camp|workshop"
        r"|retreat)\b"
        r"|\bappl(?:y|ied|ying|ication) (?:to (?:read|study)\b|for (?:entry|admission)\b)"
        r"|\badmissions (?:office|tutors?|panel|committee)\b"
        r"|\b(?:offer you a place|your application)"
        r" (?:to (?:read|study)|on (?:the|our) (?:[\w-]+ )?(?:degree|programme of study))\b",
        (
            "thank you for applying to read law at our college.",
            "we are unable to offer you a place to study with us.",
            "admissions office",
        ),
        (
            "thank you for applying for the post of secretary in the admissions office.",
            "good luck with the rest of your studies.",
        ),
        unless=r"\b(?:role|post|position|job|vacancy|work|interview\w*)\b[^.]{0,60}◁"
        r"|▷ (?:role|post|position|job|vacancy|assistant|manager|officer|administrator)\b",
    ),
    context(
        "en.seat",
        Kind.COUNTER,
        -2.0,
        "a spot or seat, as events and courses have them",
        r"\b(?:offer|give|get|reserve|guarantee|secure|save|have|find)(?:ing|ed)? (?:you )?"
        r"(?:a|the|any) (?:spot|seat|ticket)s?\b",
        ("we're unable to offer you a spot this year due to limited capacity.",),
        (
            "we cannot offer you a spot on the team.",
            "we have no open position at the moment.",
        ),
        unless=r"▷ (?:on|in|within|with|at) (?:our|the|this) (?:[\w-]+ ){0,3}?(?:team|crew|roster"
        r"|staff|shift|internship|rotation|practice|company|office|kitchen)\b"
        r"|\b(?:interview|role|position|job|internship)\b[^.]{0,40}◁",
    ),
    context(
        "en.aftercare",
        Kind.COUNTER,
        -3.0,
        "what follows a decision: fares paid, data deleted, a question answered",
        r"\b(?:expenses?|fares?|reimbursement|travel costs?)\b[^.;]{0,40}?\b(?:been|was|were)"
        r" (?:now )?(?:paid|reimbursed|processed|transferred|approved)\b"
        r"|\bwe(?:'ve| have)?(?: now| today| just)? (?:paid|reimbursed|transferred"
        r"|refunded) (?:your|the) (?:[\w-]+ )?(?:expenses?|fares?|costs?|ticket)\b"
        r"|\b(?:data|details|records?|account|profile|information)\b[^.;]{0,24}?\b(?:been|was|were)"
        r" (?:now )?(?:deleted|erased|removed|anonymi[sz]ed)\b"
        r"|\b(?:deletion|erasure) (?:of your|request)\b|\bwe(?:'ve| have)? (?:now )?(?:deleted"
        r"|erased) (?:your|all|the)\b"
        r"|\bthank(?:s| you) for your (?:kind|gracious|understanding|lovely|generous"
        r"|thoughtful) (?:reply|response|message|words|note|e-?mail)\b|\b(?:regarding|about|as to"
        r"|on|thank(?:s| you) for) your (?:question|query|enquiry"
        r"|inquiry)(?! about (?:the (?:result|outcome|decision|status)|your application))\b"
        r"|\byou(?:'d| had|'ve| have)? asked (?:why|what|how|for|about|whether|if)\b"
        r"(?! (?:i|we)(?: have|'ve)? (?:heard|decided))",
        (
            "your travel expenses have been paid today.",
            "as requested, your data has been deleted.",
            "you asked for your test score.",
        ),
        ("we will delete your data after six months.", "you asked to hear either way."),
    ),
    context(
        "en.unsubscribe",
        Kind.COUNTER,
        -1.0,
        "a way to unsubscribe",
        r"\bunsubscribe\b",
        ("unsubscribe",),
        (),
    ),
    context(
        "en.survey",
        Kind.COUNTER,
        -1.0,
        "a survey after the decision",
        r"\b(?:survey|questionnaire)\b",
        ("please take our short survey.",),
        ("based on the answers you gave in the online questionnaire,",),
        unless=r"\b(?:answers|responses|based on|application|screening|pre-?screen\w*)\b"
        r"[^.;]{0,40}◁",
    ),
    context(
        "en.negotiation",
        Kind.COUNTER,
        -2.5,
        "pay, leave or visa asked for",
        r"\b(?:salary(?! (?:gap|expectation))|relocation|allowance|equity|sign-?on|bonus)\b",
        ("we cannot offer a higher salary.",),
        (),
    ),
    context(
        "en.applied-for-else",
        Kind.VETO,
        -4.0,
        "applied for something else than work (a choir, a stall)",
        r"\b(?:application|applying|applied|apply) (?:for|to) (?:join |become )?(?:(?:a|an|the"
        r"|our|your"
        r"|one of our|adopt|foster|rent|sing"
        r" in|exhibit at) )?(?:[\w'-]+ ){0,2}?(?:suppliers?|framework|installer|reseller"
        r"|affiliate|merchant|hackathon|accelerator|incubator|franchise|dealership|stockist"
        r"|trade account|garden|plot|allotment|choir|stall|pitch|grant"
        r"|scholarship|bursary|loan|mortgage"
        r"|flat|apartment|tenancy|membership|club|degree|competition|contest|award|prize"
        r"|conference|exhibition|residency|permit"
        r"|licence|license|promotion|re-?grading|flexible working|visa|beta|waitlist|puppy|kitten"
        r"|dog|cat|adopt|foster"
        r"|volunteer(?:ing)?)\b"
        r"(?! (?:[\w-]+ ){0,2}?(?:manager|leader|secretary|officer|assistant|coordinator|teacher"
        r"|administrator|role|position|post"
        r"|job|vacancy|director|nurse|worker|staff|caretaker|cook|chef|engineer|designer|writer"
        r"|adviser|advisor|specialist|team"
        r"|analyst|executive|clerk|handler|groomer|walker|sitter|care)\b)",
        (
            "thank you for your application for a market stall.",
            "thank you for applying to join the choir.",
            "thank you for applying to the bluebird affiliate program.",
        ),
        (
            "thank you for applying for the grant writer role.",
            "thank you for applying for the affiliate marketing manager position.",
            "your application for the post of club secretary",
            "thank you for applying for the volunteer coordinator position.",
        ),
        unless=r"\b(?:role|post|position|job|vacancy)\b[^.]{0,30}◁",
    ),
)
