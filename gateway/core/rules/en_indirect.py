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
        r"\bpromot(?:e|ed|ing) (?!you\b|your\b|our (?:products|brand))(?:[\w'-]+ ){1,6}?(?:from|to"
        r"|into)\b|\bfilled? (?:it )?from within\b",
        ("management decided to promote teresa from reception.",),
        ("we would like to promote you to manager.",),
    ),
    verdict(
        "en.closed-without",
        4.0,
        "the search ends without a hire",
        r"\b(?:clos(?:e|ed|ing)|end(?:ed|ing)?|conclud(?:e|ed|ing)|wind(?:ing)? (?:up|down)"
        r"|wound (?:up|down))\b"
        r"[^.;,]{0,24}?\b(?:role|search|position|vacancy|process|recruitment|post|round|req"
        r"|requisition)\b"
        r"[^.;,]{0,12}?\bwithout (?:making )?(?:an?|any) (?:hire|appointment|offer|selection)\b",
        ("we have decided to close this role without making a hire.",),
        ("the search closed without any trouble.",),
    ),
    verdict(
        "en.cannot-be-considered",
        4.0,
        "cannot therefore be considered",
        r"\b(?:therefore|thus|so|consequently|accordingly|hence"
        r"|which means)\b[^.;]{0,16}?(?:\bcannot\b|n't\b"
        r"|\bnot\b|\bunable to\b)[^.;]{0,8}?\b(?:be (?:considered|progressed|shortlisted|assessed"
        r"|put forward"
        r"|taken forward)|consider (?:you|your)|progress (?:you|your))\b",
        ("you do not hold the required certification and therefore cannot be considered.",),
        ("your order is late, so a refund cannot be paid yet.",),
    ),
    verdict(
        "en.no-vacancy",
        3.75,
        "no vacancy, or not hiring at present",
        r"\b(?:no|not have (?:a|any)|n't have (?:a|any)) (?:\w+ ){0,2}?(?:vacanc(?:y|ies)"
        r"|openings?|positions?|roles?"
        r"|jobs?|berths?)\b[^.;]{0,30}?\b(?:at the moment|at present|at this time|currently"
        r"|right now|for you"
        r"|that (?:match|suit|fit)\w*|suitable|this (?:year|season|winter|summer|spring|autumn))\b"
        r"|(?:\bnot|n't|\bno longer) (?:currently |actively |now )?(?:hiring|recruiting"
        r"|looking to (?:hire|fill))\b"
        r"[^.;]{0,30}?\b(?:any ?more|any longer|at the moment|at present|at this time|right now"
        r"|now|position|role"
        r"|post|vacancy)\b|\bno (?:\w+ )?(?:place|room|spot|seat|berth|desk"
        r"|slot|work|shifts?|hours) for you\b(?! to\b)",
        (
            "we have no vacancies at the moment that match your skills.",
            "we are not hiring for this position any more.",
            "both boats are crewed, so there's no berth for you this winter.",
        ),
        (
            "there are no positions to be filled in on this form.",
            "we are not looking for a tenant.",
        ),
    ),
    verdict(
        "en.make-it-work",
        3.0,
        "it could not be made to work",
        r"(?:\bnot|n't|\bcannot|\bunable to|\bnever) (?:(?:think|see|be able to"
        r"|going to be able to|quite)"
        r"(?: (?:we|i|how|a way|to))* )?(?:(?:can|could|to) )?(?:make|making) (?:it|this|things"
        r"|that) work\b",
        ("i don't think we can make this work.", "i'm sorry we couldn't make it work."),
        ("we could not make the printer work.",),
    ),
    verdict(
        "en.together-not",
        3.5,
        "will not work together",
        r"\b(?:we|us|you)\b[^.;]{0,24}?(?:\bnot|n't) (?:be )?(?:working together|joining (?:us"
        r"|the (?:team|crew|company))"
        r"|coming on board"
        r"|bringing you on(?:board)?|taking you on)\b",
        ("this time we won't be working together.", "we won't be taking you on."),
        ("the two printers are working together.",),
    ),
    verdict(
        "en.job-gone",
        3.5,
        "the job is gone or was given away, in few words",
        r"\b(?:ended|finished|wound) up (?:filling|hiring|going with|choosing|picking|offering it"
        r"|giving it)\b"
        r"|\bfilled it\b|\b(?:job|role|post|position|spot|vacancy|place)(?:'s| is| has)(?: already"
        r"| now| just)?"
        r" (?:gone|been (?:taken|snapped up))\b|\balready (?:found|got|hired|taken on) (?:someone"
        r"|somebody|a person|one)\b",
        ("sorry mate, filled it yesterday.", "sorry, the job's gone."),
        ("the job went well.", "i filled the form."),
    ),
    verdict(
        "en.offered-and-accepted",
        4.25,
        "the post was offered to somebody and taken",
        r"\b(?:post|role|position|job|place|vacancy|it)\b(?: has| was|'s|'ve"
        r"| have)?(?: now)?(?: been)? "
        r"(?:offered|given|awarded) to(?! you\b)[^.;]{0,24}?\b(?:accepted|taken|signed)\b"
        r"|\b(?:she|he|they) (?:has |have |had )?(?:said yes(?! to\b)|accepted (?:it|the (?:role"
        r"|job|post"
        r"|offer|position)))\b"
        r"|\bwhat (?:tipped|swung|decided|settled) it was\b[^.;]{0,20}?\b(?:other|another)\b",
        (
            "the post has been offered to, and accepted by, mr llewellyn.",
            "she has said yes.",
            "what tipped it was that the other engineer had done it before.",
        ),
        ("the post has been offered to you.", "we asked her and she said no."),
    ),
    verdict(
        "en.went-for-other",
        4.0,
        "went for another",
        r"\b(?:went|gone|going|opted|plumped|settled) for (?:the|an) (?:other|another|alternative"
        r"|different)\b"
        r"(?! (?:day|date|time|colou?r|option|venue|room))|\b(?:went|gone|opted) for (?:someone"
        r"|somebody) else\b",
        ("the director went for the other test boards.",),
        ("we went for the other date.",),
    ),
    verdict(
        "en.includes-you",
        3.5,
        "people were turned down, and the reader is one of them",
        r"\b(?:turn(?:ed|ing)? (?:down|away)|say(?:ing)? no to|disappoint(?:ed|ing)?"
        r"|let(?:ting)? down|pass(?:ed|ing)? over)\b"
        r"[^.;]{0,60}?\b(?:includes|including|included|one of them (?:is|was)) (?:you|yours)\b",
        ("we've had to turn down a lot of good people, and i'm sorry that includes you.",),
        ("the price includes you and a guest.",),
    ),
    verdict(
        "en.no-more-need",
        4.0,
        "the post is needed no longer",
        r"\bno longer (?:have (?:a|any)|see (?:a|any)|need(?:ed)?)\b ?(?:need )?(?:for )?(?:this"
        r"|that|the|your|another|a)"
        r" (?:[\w-]+ ){0,3}?(?:position|role|post|job|vacancy|internship|hire|person|member)\b",
        ("we no longer have a need for this position.",),
        ("we no longer have a copy of the form.",),
    ),
    verdict(
        "en.gave-the-job",
        4.25,
        "the job was given to somebody by name",
        r"\b(?:gave|given|giving|awarded|handed) (?:the|this|that) (?:[\w-]+ )?(?:job|role|post"
        r"|position|place|spot"
        r"|contract|apprenticeship) to (?!you\b|the (?:team|board|agency))\w",
        ("i wanted to tell you myself that we gave the job to rachel.",),
        ("we gave the job to you because you earned it.",),
    ),
    verdict(
        "en.keep-looking",
        3.5,
        "the search goes on, no second interview",
        r"\b(?:decided|going|chosen|opted) to (?:keep (?:looking|searching)|continue (?:looking"
        r"|(?:our|the|with our) search)"
        r"|look elsewhere|widen the search|search further)\b"
        r"|\b(?:won't|will not|isn't going to) be an? (?:second|next|further|another|final"
        r"|follow-?up)"
        r" (?:interview|round|stage|call|trial|meeting)\b"
        r"|(?:\bnot|\bunable to|\bcannot|n't) recommend your appointment\b",
        ("we've decided to keep looking.", "there won't be a second interview, i'm sorry."),
        ("we will keep looking after your garden.",),
    ),
    verdict(
        "en.took-on-another",
        4.25,
        "another was taken on, put through or interviewed better",
        r"\b(?:tak(?:e|ing|en)|took) on (?:a different|another|someone|somebody|an internal)\b"
        r"|\bput(?:ting)? (?:other|another|different|stronger) (?:candidates?|applicants?|people"
        r"|person) (?:through|forward)\b"
        r"|\b(?:other|another) (?:people|person|candidates?|applicants?) (?:\w+ )?(?:interviewed"
        r"|performed|scored|did) "
        r"(?:\w+ )?(?:better|stronger|higher)\b",
        (
            "the chef has decided to take on a different apprentice.",
            "we have put other candidates through to the next stage.",
            "other people interviewed better on the day.",
        ),
        ("she will take on the accounts.",),
    ),
    verdict(
        "en.changed-minds",
        3.5,
        "the plan to hire was given up",
        r"\bchanged (?:our|my|their) minds? about (?:hiring|recruiting|filling|the (?:role|post"
        r"|position|job|vacancy))\b"
        r"|\b(?:funding|budget|money|headcount)\b[^.;,]{0,30}?(?:\bnot|n't)\b[^.;,]{0,6}?\b(?:come"
        r"|came|go|gone) through\b"
        r"|(?:\bnot|n't) (?:want|wish|intend) to (?:go ahead|proceed|move ahead|go further"
        r"|take (?:it|this) further)\b",
        (
            "we've changed our minds about hiring.",
            "the funding for this post did not come through.",
            "we had a think and we don't want to go ahead.",
        ),
        ("if you do want to go ahead, call us.",),
    ),
    verdict(
        "en.not-shown",
        4.0,
        "not enough was shown or scored",
        r"(?:\bnot|n't) (?:fully |sufficiently |clearly |quite )?(?:demonstrate|evidence"
        r"|show)d? (?:the|enough|sufficient|all|that you)\b"
        r"[^.;]{0,40}?\b(?:competenc\w+|skills?|experience|knowledge|criteri\w+|require\w*|level"
        r"|depth)\b"
        r"|\byou\b[^.;]{0,12}?(?:\bnot|n't) (?:score|rank|rate|do) (?:high(?:ly)?|well) enough\b",
        (
            "we felt your answers did not demonstrate the competencies required.",
            "you did not score highly enough to be called for interview.",
        ),
        ("the map does not show the station.",),
    ),
    verdict(
        "en.hired-instead",
        4.0,
        "somebody was found, hired or named instead",
        r"\b(?:select(?:ed|ing)?|appoint(?:ed|ing)?|hir(?:e|ed|ing)|chosen?|choosing|pick(?:ed"
        r"|ing)?|recruit(?:ed|ing)?"
        r"|engag(?:ed|ing)) another (?!(?:date|day|time|slot|room|venue|agency|firm|vendor"
        r"|supplier|company|tool|platform|way)\b)"
        r"[\w-]+ (?:for|of|as|to|in)\b"
        r"|\b(?:found|hired|got|chosen) (?:someone|somebody) (?:closer|nearer|with|who|more|better"
        r"|local|whose|already|else)\b"
        r"|\b(?:someone|somebody) else (?:we|i)(?:'d| would|'ve| have|'re| are)\b(?! (?:like|love"
        r"|want) (?:you|to introduce))",
        (
            "the governors have appointed another head of maths.",
            "we found somebody closer to the farm.",
            "there's someone else we'd like to hire.",
        ),
        ("we found someone to fix the lift.", "please choose another date for the call."),
    ),
    verdict(
        "en.gets-the-job",
        3.75,
        "somebody else gets the job",
        r"(?<!\byou )(?<!\byou've )(?<!\byou have )\b(?:gets|got|getting|will get"
        r"|will have) the (?:job|role|post|position)\b"
        r"(?! (?:done|description|spec|advert|ad|title|right|off)\b)"
        r"|\bdecided to (?:hire|appoint|employ|take on) (?!you\b|not\b|more\b|an? (?:agenc|consult"
        r"|contract|firm|compan|vendor))[a-z]",
        (
            "maria has more kitchen experience and gets the job.",
            "i've decided to hire my cousin, sorry.",
        ),
        ("you've got the job!", "she gets the job done."),
    ),
    verdict(
        "en.hiring-stopped",
        4.0,
        "hiring was stopped, or goes no further",
        r"\b(?:put (?:a stop|an end) to|halted|stopped|suspended|frozen|ended)(?: all"
        r"| any)?(?: new| further| external)*"
        r" (?:hir(?:es|ing)|recruit(?:ment|ing))\b(?! (?:agenc|contract|through|via))"
        r"|(?:\bnot|n't) see (?:this|it|things|us) (?:going|moving|progressing|working)\b"
        r"|\bmissed (?:the|our) (?:pass ?mark|cut-?off|threshold|mark|bar|grade|cut|shortlist)\b",
        (
            "the company has put a stop to all new hires.",
            "we don't see this going further.",
            "you missed the pass mark by two points.",
        ),
        ("we have stopped the printer.", "we missed the train."),
    ),
)
