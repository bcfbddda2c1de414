"""English counter-evidence: what speaks for quite another kind of mail."""

from gateway.core.rules.rule import Kind, context

AGAINST = (
    context(
        "en.offer",
        Kind.VETO,
        -4.0,
        "an offer or a pass",
        r"\byou(?:'re| are) hired\b|\b(?:congratulations(?! (?:again )?on (?:your (?:new )?(?:baby"
        r"|arrival"
        r"|wedding|engagement|marriage"
        r"|degree|graduation|child|award)|finishing|graduating|completing|passing your))"
        r"|welcome (?:aboard|to the team)|offer letter|contract "
        r"(?:is )?attached)\b|\byou(?:'ll| will) be joining\b(?! a (?:list|long|pool))"
        r"|\blooking forward to (?:having|welcoming) you\b|\b(?:pleased|thrilled|delighted"
        r"|excited) to (?:offer"
        r"|confirm|invite|welcome|tell|let|inform|share|move|say)\b|\bhappy to (?:offer "
        r"you|confirm|invite|welcome|move|say)\b|\b(?:are|we're|am|i'm|like to|love to"
        r"|want to) (?:now )?offer(?:ing)? you\b|\b(?:want|like|love|going|ready|able|pleased"
        r"|happy|delighted) to make you an offer\b|\byou(?:'re| are| have been)(?: now)? "
        r"(?:through to|selected for|shortlisted for|successful in)\b|\b(?:start"
        r"|joining) date\b|\byour first day\b",
        ("i'm thrilled to offer you the role.", "well done, you're through to the final round."),
        ("we are unable to offer you a role.", "you have not been selected for the role."),
        unless=r"(?:\bnot\b|n't\b|\bunable\b|\bcannot\b|\bif\b)[^.;,]{0,30}◁",
    ),
    context(
        "en.invite",
        Kind.VETO,
        -4.0,
        "an invitation to a next step",
        r"(?:\b(?:would|will|to)|'d) (?:like|love|happy|want|be happy|be glad|be delighted) "
        r"to (?:invite|interview|meet|speak|schedule|arrange|put you forward|consider "
        r"you|have you|bring you|talk|chat)\b(?![^.]{0,60}\b(?:future|again|feedback"
        r"|another time|down the|later)\b)|\b(?:invite you (?:to|for)|book (?:a|your) "
        r"(?:slot|time|call)|your availability|are you (?:free|available)|when (?:are"
        r"|would) you|what time|which (?:day|time)|time slots?|let me know (?:if|whether"
        r"|which|when) [^.]{0,30}(?:works?|suits?|time|day|date))\b|\b(?:(?:on|next) "
        r")?(?:monday|tuesday|wednesday|thursday|friday|tomorrow)\b[^.]{0,12}?(?:\bat \d"
        r"|\binstead|\bor (?:monday|tuesday|wednesday|thursday|friday)|\?)|\bplease "
        r"bring\b|\bwould you (?:consider|be (?:open to|interested in"
        r"|willing))\b(?![^.?]{0,40}\b(?:future|again|file|talent|touch)\b)"
        r"|\bshall i (?:put you (?:in|forward|down)|set (?:it|this|that|one) up|book)\b"
        r"|\bask(?:ed|ing)? (?:whether|if) you(?:'d| would| might) (?:talk|speak|meet|consider"
        r"|be open"
        r"|like|want)\b|\bask(?:s|ed|ing)? (?:whether|if) (?:they|we|she|he|i) (?:can|could|may"
        r"|might) (?:meet|speak|talk"
        r"|interview|see|chat)\b|(?:\bwould|'d) (?:like|love) you to (?:meet|come|speak|talk|join"
        r"|interview|do|take)\b|\basked to (?:meet|see|interview|talk to|speak to) you\b"
        r"|\byou(?:'ll| will) (?:next |now |then |shortly )?be (?:asked|invited) to (?:take|sit"
        r"|complete|attend|join|book|do)\b"
        r"|\b(?:would|does|do|will|could|is|can you (?:do|make|manage)) (?:you )?(?:(?:this|next"
        r"|coming|on) )?"
        r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow"
        r"|\d{1,2}(?::\d\d)? ?[ap]m)\b[^.?]{0,40}"
        r"(?:\b(?:work|suit|okay|ok|fit|be (?:good|possible|convenient)|do)\b|\?)"
        r"|\bone conversation of\b|\bopen to a (?:chat|call)\b|\breschedul\w*"
        r"|\brearrang(?:e|ing)\b"
        r"|\brearranged (?:the|your) (?:interview|call|meeting|chat|visit|appointment)\b"
        r"|\b(?:send|share"
        r"|suggest|propose|find|give|choose|pick|select)\w* (?:you )?(?:a |some |the )?(?:new"
        r"|another|alternative"
        r"|other|different) (?:times?|dates?|slots?|days?|link)\b|\b(?:the|your) next step (?:is"
        r"|will)\b"
        r"|\b(?:transfer|move|switch|carry) (?:you|your application) (?:over )?(?:to"
        r"|into)\b(?! (?:the|our) (?:next|final|second|interview))|\bplease (?:complete|take"
        r"|sit) (?:the|our|this|your)"
        r" (?:[\w-]+ )?(?:assessment|test|exercise|task|questionnaire)\b|\bplease (?:reply|confirm"
        r"|respond|let (?:me|us) know) by\b|\bif you accept\b",
        ("the data team would like to interview you.", "could we talk on wednesday instead?"),
        (
            "the team met on friday and decided.",
            "we are unable to invite you to the next round.",
            "if you would like to talk it through, i'm in the office on tuesdays.",
        ),
        unless=r"\b(?:thank(?:s| you)|appreciat\w+|grateful|patience"
        r"|sorry)\b[^.]{0,60}◁re-?(?:arrang|schedul)|\b(?:thank(?:s| you)|met|spoke|talked|came"
        r"|enjoyed|posted|every|last|visited)\b"
        r"[^.]{0,70}◁(?:(?:on|next) )?(?:mon|tues|wednes|thurs|fri)"
        r"|(?:\bnot\b|n't\b|\bunable\b|\bcannot\b|\bno longer\b)[^.;,]{0,40}◁"
        r"|\byou ?◁(?:would|'d|will)\b|\bif [^.]{0,30}◁",
    ),
    context(
        "en.waiting",
        Kind.VETO,
        -3.5,
        "not decided yet, or a waiting list",
        r"\b(?:reserve list|(?:our|the|a|my|first|second|as) reserve|wait(?:ing|-)?\s?list\w*"
        r"|on hold|paus(?:e|ed|ing)|postpon\w+"
        r"|(?:has|have|been) delayed|in the running(?<!out of the running)(?<!longer in "
        r"the running)|(?:you(?:'ll| will) hear|be in touch|get back to you|let you "
        r"know)\b(?:(?! if )[^.]){0,30}\b(?:by|next|in the next|within|soon"
        r"|tomorrow)\b[^.]{0,20}\b(?:week|weeks|days?|monday|tuesday|wednesday|thursday"
        r"|friday|month|\d+)|still (?:review\w*|consider\w*|interview\w*|under|decid\w+"
        r"|very much)|no decision|(?:not|n't)(?: yet)? (?:made|reached|finali[sz]ed"
        r"|taken) (?:a|any|our|the)(?: final)? decision|back-?up|runner-?up list"
        r"|remain (?:an? )?(?:active|live|strong|current)(?! (?:in|on) (?:our|the|file))|(?:will|to"
        r"|expect to|hope to) (?:resume"
        r"|restart|reopen)|when we (?:resume|restart|reopen|unfreeze))\b",
        ("you are on the reserve list.", "we have not made a final decision yet."),
        ("sorry to have kept you waiting.", "somebody who can own it without backup."),
        unless=r"◁(?:on hold|paused?)▷ (?:indefinitely|permanently|for good)\b"
        r"|\bwithout (?:[\w-]+ )?◁back-?up",
    ),
    context(
        "en.withdrawal",
        Kind.VETO,
        -4.0,
        "the other side withdraws",
        r"\bwithdr(?:a|e)w\w*\b|\b(?:as (?:you )?requested(?! feedback)|at your request)\b"
        r"|\byou(?:'ve| have)? decided (?:not to|to (?:withdraw|pursue|accept|take|go"
        r"|decline|step))\b|\byour decision (?:not )?to\b|\bpull(?:ing|ed)? out\b"
        r"|\byou(?:'re| are) no longer interested\b|\byou(?:'ve| have)? (?:accepted"
        r"|taken|found) (?:another|an)\b",
        ("we confirm that you have withdrawn your application.",),
        ("we have decided to stop.", "the vacancy you applied for has been withdrawn."),
        unless=r"◁withdrawn▷ from (?:further )?consideration|▷ (?:your|my|the|any|this) (?:data"
        r"|consent|details|profile|personal)\b"
        r"|\b(?:position|role|vacancy|post|job|req|requisition|opening)\b[^.]{0,50}◁"
        r"|\bwe(?:'re| are|'ve| have| will|'ll)? (?:now |therefore )?◁withdr(?:aw|awn|awing|ew)▷"
        r"|(?:\bif you\b|\bshould you\b)[^.]{0,30}◁",
    ),
    context(
        "en.thanks-for-telling",
        Kind.VETO,
        -3.5,
        "answers what the reader has decided",
        r"\bthank(?:s| you)(?: so much| very much)? for (?:letting|informing|telling) (?:us"
        r"|me)\b(?! (?:get|interview|see|read|meet|spend|visit|about your (?:work|experience"
        r"|background|career)))"
        r"|\bsorry (?:to (?:see|lose)|that) you(?! are one| were)(?:'ve| have|'re| are|'ll"
        r"| won't| will not| can't"
        r"| cannot)?\b"
        r"|\bas (?:you )?(?:asked|requested|wished)\b(?! (?:for )?feedback)|\bi (?:quite "
        r"|completely "
        r"|fully )understand\b|\bbut i understand\b"
        r"|\b(?:respect|understand|appreciate|accept) your (?:decision|reasons"
        r"|choice)\b"
        r"|\byou(?:'ve| have) (?:chosen|opted|gone (?:with|for))\b|\bwe(?:'ll| will"
        r"| would)? (?:be )?miss(?:ed)? you\b"
        r"|\b(?:luck|success|best|well)\b[^.]{0,20} (?:new|other) (?:role|job|position|company"
        r"|team|post)\b|\byour new (?:role|job|position|employer)\b|\bon your (?:new|next) role\b"
        r"|\bcongrat\w* on (?:the|your|that|getting|landing) (?:[\w-]+ )?(?:job|role|offer|position"
        r"|news|move|gig|post|it)\b|\b(?:totally|completely|fully|i|we) get it\b"
        r"|\bno hard feelings\b"
        r"|\b(?:can't|cannot|couldn't|could not|hard to|tough to) (?:compete|match (?:that|it|them"
        r"|their|what they|the (?:other )?(?:offer|salary|pay|package)))\b"
        r"|\bif (?:things|your plans|your circumstances|anything) (?:ever )?changes? (?:for you"
        r"|on your)\b"
        r"|\b(?:per|following|as per) your (?:request|message|e-?mail|note|withdrawal)\b",
        (
            "thank you for letting us know. we have closed your application.",
            "congrats on the other job!",
        ),
        ("thank you for your interest.",),
    ),
    context(
        "en.received",
        Kind.VETO,
        -3.5,
        "an application has come in and will be looked at",
        r"\b(?:confirm (?:that )?we(?:'ve| have) received|this is to (?:confirm|acknowledge)"
        r"|acknowledge"
        r" (?:receipt|that)|we will (?:now )?(?:review|assess|consider) (?:your|all|each|every|it"
        r"|them)"
        r"|(?:is|are) (?:now )?being"
        r" (?:reviewed|assessed|considered)|contact you (?:by|within|once|when)"
        r"|(?:will|'ll|is going to|are going to) (?:now )?(?:look (?:at|over|through)|go through)"
        r" (?:it\b|them\b|your (?:cv|application|details|portfolio|resume))"
        r"|will (?:then |now )?be (?:reviewed|assessed|considered|read) (?:by|in|on|from|over"
        r"|after|within)"
        r"|(?:come|get|write|reply|respond)(?: back)? to (?:everyone|everybody|all"
        r"|each)[^.]{0,24}(?:within|by|before|in)"
        r"|only (?:the )?(?:shortlisted|successful|selected"
        r"|those)|(?:within|in) the next"
        r" (?:few|two|three|\d+) (?:days|weeks)|if you (?:have not|haven't|do not"
        r"|don't) hear(?:d)?)\b",
        (
            "we confirm that we have received your application.",
            "only shortlisted candidates will be contacted.",
        ),
        ("we received many strong applications.",),
    ),
    context(
        "en.asks",
        Kind.COUNTER,
        -2.5,
        "asks the reader something",
        r"(?<!how )\b(?:can|could|would|will|are|do|did|have|shall|may) (?:you|we|i|that"
        r"|it)\b[^.?!]{0,120}\?"
        r"|\b(?:what|which|when|where|how about|how would|any chance|fancy"
        r"|interested in)\b[^.?!]{0,100}\?",
        ("could you do thursday?",),
        ("may we keep your details on file?",),
        unless=r"\b(?:feedback|on file|keep in touch|kept your|forward your|keep your|keep you on"
        r"|talent|add you"
        r"|contact you|iban|bank|account|address|postal|details)\b",
    ),
    context(
        "en.correction",
        Kind.VETO,
        -4.0,
        "an earlier mail is corrected",
        r"\b(?:please |kindly )?(?:ignore|disregard)\b|\b(?=[switr])(?<!received it )(?<!received "
        r"this )(?<!message )(?<!email )(?:sent|went out|issued|told|rejected"
        r"|informed)[^.]{0,24}\b(?:in error|by mistake|mistakenly|incorrectly)\b"
        r"|\bmistakenly\b|\bwrong (?:e-?mail|message|template|person|status|letter)\b"
        r"|\bcorrection\b|\bretract\w*\b|\bmeant for\b|\bapolog\w+ for the (?:earlier"
        r"|previous|last|confus\w+|mix)",
        ("please ignore the rejection you got an hour ago.",),
        ("if you have received it in error, please delete it.",),
    ),
    context(
        "en.agency",
        Kind.VETO,
        -4.0,
        "about somebody whom the reader introduced, or from a client",
        r"\b(?:thanks|thank you|cheers) (?:so much )?for (?:the|these|those|sending|your|sharing)"
        r" [^.;]{0,30}?\b(?:cvs|resumes|profiles|candidates|submissions)\b"
        r"|\b(?:let|tell) (?:the others?|the (?:agenc(?:y|ies)|recruiters?|applicants)|them|him"
        r"|her|both|the candidates?) (?:know|that|down)\b"
        r"|\b(?:no|pass|yes) (?:for|on|to) (?:[a-z]\.\s?[a-z]?\b|candidates? [a-z0-9]\b|both|all"
        r" (?:three|four|of them)|the (?:first|second|third|other)\b)"
        r"|\b(?:his|her|their) (?:cv|profile|background|experience|interview|application|candidacy"
        r"|skills)\b"
        r"|\b(?!(?:today|year|week|month|company|team|panel|committee|board|applicant|candidate"
        r"|one)'s)[a-z]{3,}'s"
        r" (?:cv|profile|application|candidacy)\b|\byour candidates?\b(?! (?:home|experience"
        r"|journey|account|portal"
        r"|profile|page|zone|area|id|number))"
        r"|\bcandidate submission|\b(?:candidates?|profiles?|cvs?"
        r"|resumes?|people) you (?:sent|submitted|shared|put forward|introduced"
        r"|recommended|proposed)\b|\b(?:our|your|the|my) client\b(?!-| (?:contract|project|work"
        r"|base|list)\b)|\bheard back from\b"
        r"|\b(?:another"
        r"|other|different) agenc(?:y|ies)\b"
        r"|\bfor (?:sending|putting|introducing) (?!us\b|me\b|in\b|your\b|it\b|this\b|that\b"
        r"|the\b)[a-z]+ (?:over|forward|across|to us)\b"
        r"|\byour nominees?\b|\bfor (?:arranging|setting up|organi[sz]ing) the interviews\b"
        r"|\b(?:for|on) [a-z]+ and [a-z]+,? (?:it's|it is|that's) a no\b|\bfilled (?:the|it"
        r"|this)\b[^.;]{0,16}? (?:ourselves|directly)\b|\bthank(?:s| you) for (?:the"
        r"|your) (?:short|long)list\b"
        r"|\bkeep them coming\b|\b(?:the )?(?:first|second|third) (?:one"
        r"|candidate"
        r"|profile|person)\b|\b(?:find|send|submit|share) (?:us |me )?(?:more |other "
        r"|any )?(?:people|candidates|profiles|cvs)\b|\b(?:your|these|those) (?:profiles"
        r"|submissions)\b|\b(?:feedback|news) from (?:the )?(?:client|company"
        r"|employer)\b|\byou (?:referred|recommended|introduced)\b",
        (
            "we'll pass on this one, keep them coming.",
            "the client has decided to go with somebody else.",
        ),
        ("your application has been closed.",),
    ),
    context(
        "en.answers-a-pitch",
        Kind.VETO,
        -4.0,
        "answers somebody who sells something",
        r"\b(?:take|remove) (?:me|us) (?:off|from)\b|\bstop (?:e-?mailing|contacting|messaging"
        r"|calling|writing to|pitching) (?:me|us)\b|\bnot interested in (?:your|the|this)"
        r" (?:product|services?|offer|tool|platform|pitch|software)\b|\b(?:cold|sales) (?:e-?mail"
        r"|pitch|outreach)s?\b|\bwe already (?:use|have|work with) (?:a|an"
        r"|another) (?:[\w-]+ )?(?:tool"
        r"|vendor|supplier|provider|platform|partner|system)\b",
        ("please take me off your list.", "we already work with another provider."),
        ("we have taken the advert off our page.",),
    ),
    context(
        "en.reference",
        Kind.VETO,
        -3.0,
        "a reference for somebody",
        r"\bto whom it may concern\b|\brecommend (?:her|him|them)\b",
        ("to whom it may concern,",),
        ("your references were excellent.",),
    ),
    context(
        "en.they",
        Kind.COUNTER,
        -2.0,
        "others decided, not the sender",
        r"\bthey(?:'ve| have|'d| had| are|'re)? (?:decided|chosen|opted|gone|going|chose"
        r"|went|won't|will)\b",
        ("they've decided to go with somebody else.",),
        ("they are ten minutes late.", "the board voted and they're going another way."),
        unless=r"\b(?:board|panel|team|committee|partners|owners?|directors?|management|hq"
        r"|managers?|head office"
        r"|chefs?|founders?|judges|trustees|governors)\b[^.]{0,60}◁|\bhq\b|\bhq[^a-z]",
    ),
    context(
        "en.contract-end",
        Kind.VETO,
        -4.0,
        "an employment or contract ends",
        r"\bprobation\w*\b|\b(?:extend|renew|terminat|end)\w* (?:your|the|this) "
        r"(?:contract|assignment|employment|engagement|placement)\b|\bredundan\w+\b"
        r"|\b(?:rescind|revok|withdraw)\w* (?:our|the|your|this) (?:\w+ )?offer\b"
        r"|(?<!your )\bnotice period\b|\bseverance\b|\byour (?:employment|contract) (?:will|ends)"
        r"|\blast (?:working )?day\b|\bnon-?renewal\b",
        ("we have decided not to extend your assignment.",),
        ("the end of the assessment.",),
    ),
    context(
        "en.specimen",
        Kind.VETO,
        -4.0,
        "the wording of a letter is discussed or tested",
        r"\b(?:templates?|wording|drafts?|proofread(?:ing)?|translate (?:this|it|the|them)"
        r"|(?<!sample )translation of|test (?:e-?mail|mail|message|send)|soften\w*|thoughts on"
        r"|tone "
        r"of|rewrite|rephrase|boilerplate)\b",
        ("can you check the wording of our letter?",),
        ("i wanted you to hear this from me rather than from a template.",),
        unless=r"(?:\bnot\b|n't\b|\brather than|\binstead of|\bwithout|\bmore than)"
        r"[^.;]{0,16}◁templates?▷",
    ),
    context(
        "en.published",
        Kind.VETO,
        -3.0,
        "an article or advertisement",
        r"\b(?:get|getting|receiv\w+) (?:this|these|our)\b[^.]{0,24}?because you(?:'re"
        r"|'ve)?(?: are| have)?"
        r" (?:signed up|subscrib\w+|opted in|a (?:subscriber|member|reader))\b(?! (?:to"
        r"|for) (?:job|candidate))"
        r"|\b(?:a|our|one|dear) readers?\b(?: (?:shares?|writes?|wrote|asks?|asked|sent|tells?)"
        r"|[,:])"
        r"|\breader mail\b|\bnewsletter\b|\bissue \d+\b|\bmanage your (?:subscription"
        r"|preferences)\b"
        r"|\bsubscribers?\b|\b(?:this week's|in this) (?:issue|article"
        r"|episode|post)\b|\bblog post\b|\b(?:job seekers|our experts|career coach\w*)\b",
        ("in this issue: how to read a rejection.", "this week: a reader shares every letter."),
        ("you are receiving this because you applied to us.",),
        unless=r"\b(?:join|sign up (?:to|for)|subscribe to|receive|get) (?:our"
        r"|the) (?:[\w-]+ )?◁newsletter|\bfor ◁job seekers",
    ),
    context(
        "en.parting",
        Kind.VETO,
        -3.0,
        "somebody leaves, or is mourned or congratulated",
        r"\bcondolences?\b|\bi(?:'m| am) leaving\b|\bmy last (?:day|week)\b|\bpassed "
        r"away\b|\bhappy new year\b|\bprosperous\b|\bretir(?:e|ing|ement)\b|\bon your "
        r"promotion\b",
        ("friday is my last day.",),
        (),
    ),
    context(
        "en.again",
        Kind.VETO,
        -3.0,
        "an invitation to try again after an earlier result",
        r"\b(?:last (?:year|spring|summer|autumn|fall|winter|time|month)|\w+ (?:months"
        r"|years) ago|a while (?:ago|back)|back in)\b[^.]{0,80}?\b(?:applied|apply|met"
        r"|interviewed|spoke|talked|turned|rejected|couldn't|weren't)"
        r"|^(?!.*\bif\b).*?\b(?:new|another|similar|fresh) (?:\w+ )?(?:role|opening"
        r"|position|opportunity|vacancy)\b[^.]{0,40}?\b(?:opened|has (?:just )?(?:come "
        r"up|opened)|interested|thought of you|think you)\b",
        (
            "when you applied last year we chose another. a new role has opened.",
            "you applied last year: last year we met and interviewed you.",
        ),
        (),
    ),
)
