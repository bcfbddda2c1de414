"""English context: what speaks for an application for work, and what goes with a refusal."""

from gateway.core.rules.rule import Kind, context

CONTEXT = (
    context(
        "en.work",
        Kind.RELATION,
        1.5,
        "work, hiring, an interview",
        r"\b(?:interview\w*|candida\w+|resume|cv|hir(?:e|ing)(?! (?:team|manager))"
        r"|recruit\w*(?! (?:team|department|office))|vacanc\w+"
        r"|intern(?:ship|ships)?|positions?|roles?|openings?|careers?|shortlist\w*"
        r"|talent (?:community|pool)|cover letter|jobs?|posts?"
        r"|freelance\w*|employ\w+|finalist|requisition)\b",
        ("thank you for coming to the interview.",),
        ("thank you for your order.",),
    ),
    context(
        "en.job-title",
        Kind.RELATION,
        0.75,
        "somebody's trade or training",
        r"\b(?:courier|proofreader|editor|photographer|cook|cleaner|crew|engineer|developer"
        r"|designer|analyst|coordinator|accountant|nurse|teacher|tutor"
        r"|chef|driver"
        r"|barista|technician|scientist|librarian|apprentice(?:ship)?|trainee|traineeship|coach"
        r"|(?:trial )?shifts?"
        r"|work experience|qualifications|your (?:background|experience|skills|number)"
        r"|team member"
        r"|onsite|take-?home|hiring team|assessment (?:centre|center|day)|working (?:with|for) us"
        r"|join(?:ing)? (?:us|our team|the team)|applicant tracking"
        r"|extend(?:ing)? (?:you )?(?:an|the) offer|no-hire|the loop|hiring (?:manager|committee)"
        r"|(?:coding|technical|aptitude) test|paralegal|deckhand|baker|butcher|florist|mechanic"
        r"|machinist|operative|labourer|porter|housekeeper|concierge|bar staff|security guard"
        r"|curator|archivist|violinist|cellist|actor|dancer|sound engineer|storyboards?|researcher"
        r"|dentist|optician|veterinary|berth|solicitor|agronomist|translators?"
        r"|(?:sales|office|shop|research|teaching|collections|legal|finance|admin|marketing)"
        r" assistant|product owner|(?:project|product|account|office|shop|kitchen"
        r"|warehouse) manager|receptionist|bookkeeper|electrician|plumber|carpenter|welder"
        r"|gardener|groundskeeper|farmhand|caretaker|lifeguard|waiter|waitress|bartender"
        r"|sous[- ]chef|nanny|childminder|carer|midwife|dental nurse|physio\w*|pharmacist"
        r"|lecturer|postdoc|bench space|copywriter|illustrator|animator|sre|devops"
        r"|back-?end|front-?end|full-?stack|data (?:engineer|analyst|scientist)|trial (?:day"
        r"|lesson|session)|dbs (?:form|check)|your (?:certificates|references|sample)"
        r"|sample translation)\b",
        ("thanks for coming in for the trial shift.",),
        ("thank you for your order.", "thank you for your application."),
    ),
    context(
        "en.application",
        Kind.RELATION,
        1.0,
        "an application, a selection",
        r"\b(?:auditions?|apprentice(?:ship)?|graduate scheme|(?:make|made|making) you an offer"
        r"|bring you on|our (?:ad|advert)|appl(?:y|ied|ying|ications?|icants?)|portfolio|outcome"
        r"|decision"
        r"|assessment|selection)\b",
        ("thank you for applying.",),
        ("thank you for your order.",),
    ),
    context(
        "en.desk",
        Kind.RELATION,
        0.75,
        "sent by those who recruit",
        r"\b(?:talent|recruit(?:ment|ing)|hiring|people|hr) (?:team|department|office|manager"
        r"|partner|acquisition)\b",
        ("anna, talent team",),
        ("anna, sales team",),
    ),
    context(
        "en.visit",
        Kind.RELATION,
        0.5,
        "thanks for a visit or a talk",
        r"\b(?:coming in|meeting (?:with )?you|(?:great|good|nice|pleasure|lovely) to "
        r"(?:meet|talk|speak|hear)|met you|the chat|spoke|your time)\b",
        ("great to meet you last week.",),
        ("the meeting room is booked.",),
    ),
    context(
        "en.wish",
        Kind.COURTESY,
        0.5,
        "wishes for the search",
        r"\b(?:wish(?:es|ing)?|luck|all the best|success|rooting)\b",
        ("we wish you all the best.",),
        ("see you on monday.",),
    ),
    context(
        "en.sorry",
        Kind.COURTESY,
        0.5,
        "regret (unfortunately, sorry)",
        r"\b(?:unfortunately|sorry|afraid|regret\w*|sadly|disappoint\w*)\b",
        ("unfortunately,",),
        ("fortunately,",),
    ),
    context(
        "en.deliberated",
        Kind.COURTESY,
        0.5,
        "the result of deliberation, thanks for interest",
        r"\b(?:careful\w*|after (?:\w+ ){0,3}(?:consider\w+|review\w*|deliberat\w+"
        r"|discuss\w+|talking|much)|talked (?:it|this|things) (?:over|through)"
        r"|in the end|thank(?:s| you)[^.]{0,20}? (?:interest"
        r"|applying|application|time|chat|interview\w*|sending|coming|meeting|patience"
        r"|speaking))\b",
        ("after careful consideration,",),
        ("thanks!",),
    ),
    context(
        "en.keep",
        Kind.COURTESY,
        0.5,
        "details kept for later, future openings",
        r"\b(?:on file|future (?:openings?|opportunit\w+|roles?|positions?|vacanc\w+)"
        r"|keep in touch|lose touch|talent (?:pool|community)|apply again|re-?apply)\b",
        ("we will keep your details on file.",),
        (),
    ),
)
