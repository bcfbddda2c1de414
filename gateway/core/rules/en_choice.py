"""English verdicts by what came of it: another got the post, a test was failed, nothing to give."""

from gateway.core.rules.rule import verdict

_NOT = r"(?:\bnot\b|n't\b|\bcannot\b|\bunable to\b|\bno longer\b)"
_POST = r"(?:job|role|position|post|place|spot|offer|gig|internship|contract|apprenticeship)\b"
_OTHERS = (
    r"\b(?:(?:an?|the) )?(?:(?:more|less|slightly|other|better|most) )*(?:(?:an)?other|experienced"
    r"|qualified|senior|relevant|different|internal|external|stronger"
    r"|alternative) (?:[\w-]+ ){0,2}?"
    r"(?:candidates?|applicants?|applications?|persons?|people|finalists?|colleagues?)\b"
    r"|\b(?:someone|somebody)(?: else)?\b"
)

CHOICE_VERDICTS = (
    verdict(
        "en.not-through",
        4.5,
        "not put through, used or given employment",
        _NOT
        + r"[^.;,]{0,24}?\b(?:put(?:ting)? (?:you|your (?:application|profile|name)) (?:through"
        r"|forward)"
        r"|proceed(?:ing)? (?:any )?further|go(?:ing)? any further|offer(?:ing)? you (?:employment"
        r"|work|any)"
        r"|use you\b(?!r)|need(?:ing)? you\b(?! to| for the interview)(?!r)"
        r"|accommodat\w+ (?:you|your application)\b|be(?:en)? considered further"
        r"|add(?:ing)? you\b(?! to (?:the|this|our|your|a) (?:call|thread|invite|channel|group|chat"
        r"|meeting|calendar))|help you on this occasion|help on this occasion"
        r"|be progressing\b(?! with the)|tak(?:e|ing) (?:you|it|this|things) (?:on|forward"
        r"|further))\b",
        (
            "we are unable to offer you employment at this time.",
            "we will not be putting your application through.",
            "we won't be proceeding further.",
        ),
        ("we will be putting you through to the next round.", "we do not need you to bring a cv."),
    ),
    verdict(
        "en.not-got",
        4.5,
        "did not get the post or pass the test",
        r"\byou(?:'ve| have|'d| had)?\b[^.;,]{0,16}?"
        + _NOT
        + r" (?:quite )?(?:get|got|gotten|win|won|land|landed|secured?|earn(?:ed)?) (?:the|this|a"
        r"|an) (?:\w+ )?" + _POST + r"(?! (?:description|spec|advert|alert|details|letter))"
        r"|\byou(?:'ve| have)?\b[^.;,]{0,16}?(?:"
        + _NOT
        + r" (?:quite )?(?:pass|passed|meet|met|satisf(?:y|ied)|reach(?:ed)?|fulfil+(?:ed)?)"
        r"|\bfailed) (?:the|our|this|all)"
        r" (?:[\w-]+ ){0,2}?(?:test|assessment|exam|interview|screening|criteria|criterion"
        r"|requirements?|standards?|stage"
        r"|threshold|checks?)\b(?! (?:link|invitation))"
        r"|\byour?\b[^.;,]{0,24}?\b(?:did|does|do|has|have|could) ?(?:n't|not) (?:quite )?(?:meet"
        r"|met|satisfy"
        r"|satisfied|fulfil+(?:ed)?|reach(?:ed)?|match(?:ed)?"
        r"|pass(?:ed)?)\b[^.;]{0,30}?\b(?:criteria"
        r"|requirements?|standards?|threshold|specification|bar)\b|\bpipped\b"
        r"|\byou (?:have )?(?:just |narrowly |only just )?missed (?:out|the (?:cut|mark"
        r"|list))\b",
        (
            "i'm sorry, you didn't get the job.",
            "you have not passed the test.",
            "you were pipped at the post.",
        ),
        ("did you not get the job description?", "you have not met the team yet."),
    ),
    verdict(
        "en.others-got",
        4.5,
        "somebody else got it",
        r"(?:"
        + _OTHERS
        + r")(?: (?:has|have|was|were|is|are|had|will be|now|since|already|been|just))*"
        r" (?:got (?:the|it)|gets (?:the|it)|appointed|selected|chosen|hired|picked|successful"
        r"|preferred|recommended"
        r"|given (?:the|it)|offered (?:the|it)|accepted (?:the|our)|shortlisted|joining us"
        r"|taken (?:the|it|on))\b"
        r"|\b(?:identif\w+|shortlist\w+|went for|going for|gone for|tak(?:e|ing|en)(?: on)?"
        r"|progress(?:ed|ing)?|recruited)"
        r" (?:" + _OTHERS + r")",
        (
            "someone else got the job.",
            "another candidate has been appointed.",
            "we have shortlisted other candidates.",
        ),
        (
            "other candidates were not selected.",
            "other candidates will be interviewed tomorrow.",
        ),
    ),
    verdict(
        "en.offer-to-another",
        4.5,
        "the offer or the post goes to another",
        r"\b(?:mak\w+|made|extend\w*|put\w*|sent) (?:an|our|the|one) (?:[\w-]+ )?offer (?:out )?to"
        r" (?:one of (?:them|the others?|those|these)|another|someone|somebody|the other"
        r"|(?:her|him)\b|a (?:[\w-]+ )?(?:candidate|applicant|colleague|person))"
        r"|\b(?:it|one|post|job|role|place|position|seat|offer|spot|contract) (?:goes|went|has gone"
        r"|is going|will go|will be going|was given|has been given) to (?:(?:mr|mrs|ms|miss|dr"
        r"|prof)\b|(?:her|him)\b|(?:a|an|the|our|my) (?:[\w-]+ ){0,3}?(?:who|with|from|colleague"
        r"|candidate"
        r"|applicant|volunteer|intern|temp|student|nephew|niece|friend|internal)\b|(?:someone"
        r"|somebody"
        r"|another)\b)",
        (
            "we will be making an offer to one of them.",
            "we have one, and it goes to mr penrose, who has been volunteering with us.",
        ),
        ("it goes to the board on friday.", "we made an offer to the landlord."),
    ),
    verdict(
        "en.picked-one-with",
        4.0,
        "one with something else was picked",
        r"\b(?:picked|chosen|chose|hired|(?:gone|went) (?:with|for)|settled on|appointed|signed"
        r"|cast"
        r"|taken on|selected|opted for|plumped for)"
        r" (?:an?|one|another|the other|two|three)(?! (?:[\w-]+ )?(?:date|time|slot|venue|room|day"
        r"|restaurant|tool|topic|case|task|option|solution|vendor|supplier|provider|agency|platform"
        r"|system|product|design|location|format|approach|exercise|plan|panel|project|theme"
        r"|name)\b)"
        r" (?:[\w-]+ ){1,4}?(?:with|who|whose|from|already|living|based)\b"
        r"|\b(?:appointed|hired|chosen|picked|selected|opted for|settled on) (?:mr|mrs|ms|miss|dr"
        r"|prof)\b",
        (
            "for the spring campaign we've picked an illustrator with a looser line.",
            "we have hired a farrier who lives next door.",
            "the governors have appointed mrs lyle.",
        ),
        ("we've picked a date that suits all.", "we have chosen a venue with parking."),
    ),
    verdict(
        "en.let-off",
        3.5,
        "released, or there will be nobody",
        r"\b(?:have to|must|need to|going to|am|are|we're|i'm) releas(?:e|ing) you\b(?! from your)"
        r"|\bthere (?:will|is going to) (?:now )?be no (?:appointment|hire|position|role|post"
        r"|vacancy"
        r"|interviews?)\b"
        r"|\b(?:job|role|post|place|position|desk|seat|spot) is (?:hers|his)\b"
        r"|\bhad hoped to (?:bring|offer|hire|have|take|work with) you\b"
        r"|(?:\bnot|n't|\bcannot) see how (?:to|we|i)\b[^.;]{0,30}?\bwork\b",
        (
            "the producer wants a bigger name, so i have to release you.",
            "there will be no appointment.",
            "we can't see how to make the hours work around your lectures.",
        ),
        ("we will release you from your contract.", "there will be no parking."),
    ),
    verdict(
        "en.took-it-on",
        4.0,
        "somebody agreed to take the work on",
        r"\b(?:mr|mrs|ms|miss|dr|prof|a colleague|someone|somebody|one of (?:our|the) [\w-]+)\b"
        r"[^.;,]{0,30}?\b(?:has|have|had|is|will be)? ?(?:agreed|offered|accepted|stepp\w+|picking"
        r"|taking) (?:to )?(?:take (?:it|this|that|them|the \w+)(?: \w+)? on|take (?:it|on)|do it"
        r"|in(?:to)? (?:the|to)|fill|(?:up )?the (?:role|post|job|work|position)|it (?:on|up))\b"
        r"|\b(?:it|that|which|this) (?:just |finally |rather )?(?:tipped|swung|settled|clinched"
        r"|decided)"
        r" (?:the (?:scales|balance|matter|decision|vote)|it)\b",
        (
            "mr hughes from the parish has agreed to take it on.",
            "someone with payroll experience came in late and it tipped the scales.",
        ),
        ("mr hughes has agreed to the date.",),
    ),
    verdict(
        "en.only-so-many",
        3.0,
        "there are only so many places",
        r"\bif (?:we|i|there) (?:had|were|could(?: have)?) (?:(?:take|taken|hire|hired) )?(?:two"
        r"|three|another|more (?:than one|places?|posts?|room|roles?)|a second)\b"
        r"|\bspoken for\b|\b(?:could|can|will|shall|only) (?:only )?(?:take|fund|afford|host|employ"
        r"|accommodate) (?:only |just )?(?:one|two|a single|as many|so many|a handful)\b"
        r"|\bthere(?:'s| is| was) (?:only|just) (?:the )?one (?:post|place|position|role|job|seat"
        r"|desk|spot|opening)\b",
        (
            "the benches for the summer are spoken for.",
            "if we had two posts there would be no difficulty.",
            "we can only take one this season.",
        ),
        ("we can only take cash.", "there is only one entrance."),
    ),
    verdict(
        "en.ordered-otherwise",
        3.5,
        "somebody above ordered it otherwise",
        r"\bdecision (?:is |was |has been )?(?:taken )?out of my hands\b|\b(?:was|were|been|got)"
        r" (?:overruled|overridden)\b"
        r"|\b(?:instructed|told|ordered|asked|obliged|required|directed) (?:me |us |to )*(?:to )?"
        r"(?:appoint|hire|recruit|shortlist|interview|consider)\b[^.;]{0,24}?\b(?:only|internally"
        r"|locally|from within|within)\b"
        r"|\b(?:insists?|insisted|wants?|wanted|prefers?|preferred|ruled) (?:that we |us to )"
        r"(?:appoint|hire|recruit)\b[^.;]{0,24}?\b(?:internally|locally|within|someone|somebody)\b",
        (
            "head office has instructed me to appoint from the regional list only.",
            "i was overruled on this one.",
        ),
        ("i was told to interview you on friday.",),
    ),
    verdict(
        "en.others-stronger",
        3.5,
        "there were candidates with more to offer",
        r"\b(?:were|had|have|saw|met|interviewed|received)\b(?: [\w-]+){0,3}? (?:candidates"
        r"|applicants|people|applications)"
        r" (?:with|who|whose|from)[^.;,]{0,30}?\b(?:more|better|stronger|closer|deeper|greater"
        r"|further)\b"
        r"|\b(?:could|can|had to) only (?:hire|choose|take|pick|offer|appoint|select|have) (?:one"
        r"|two|a few|\d+)\b"
        r"|\bonly (?:had|have) (?:one|a single|two) (?:place|spot|opening|position|vacancy)\b",
        (
            "there were candidates with more relevant experience.",
            "we could only hire one person.",
        ),
        ("we met candidates with great ideas.", "we only have one parking space."),
    ),
    verdict(
        "en.appointment-made",
        3.5,
        "an appointment has been made to the post",
        r"\bappointment (?:has|was|is)(?: now| since| already)?(?: been)? made (?:to|for) (?:this"
        r"|the)\b"
        r"|\b(?:process|recruitment|search)\b[^.;]{0,24}?\bappointment (?:has"
        r"|was)(?: now)?(?: been)? made\b"
        r"|\bmade an appointment to (?:this|the)\b|\bre-?advertis\w+ (?:the|this|it)\b"
        r"|\b(?:leave|leaving|left|keep) the (?:role|post|position|vacancy) (?:open|empty|vacant"
        r"|unfilled)\b",
        (
            "an appointment has now been made to this post.",
            "we will be re-advertising the post.",
        ),
        ("an appointment has been made for you at ten.",),
    ),
    verdict(
        "en.nothing-for-you",
        3.5,
        "nothing suitable for the reader",
        r"\bnothing\b[^.;,]{0,16}?\bfor you\b(?! to\b)|\bno (?:suitable |current |other )?(?:role"
        r"|job"
        r"|position|opening|vacancy|place)s?"
        r" (?:\w+ )?for you\b|"
        + _NOT
        + r" (?:see|find|think of|identify) (?:a|an|any) (?:[\w-]+ )?(?:role|place|position|job"
        r"|match|spot|opening)\b"
        r"|\bnothing left\b[^.;,]{0,16}?\b(?:hire|offer|fill)\b"
        r"|\b(?:not|n't|no)\b(?: to)?(?: have| got)? (?:an? |any )?(?:part|role|place|spot|position"
        r"|job"
        r"|seat|vacancy) for you\b"
        r"|\b(?:isn't|is not|not) (?:one )?for you\b(?! to)|"
        + _NOT
        + r"[^.;,]{0,16}?\bright for (?:you|us|each other|this (?:role|job|post|team|position))\b"
        r"|\bneed anyone\b",
        (
            "there's nothing for you at the moment.",
            "we can't see a role for you here right now.",
            "i don't think we're right for each other.",
        ),
        ("there is nothing for you to bring.", "the role is right for you."),
    ),
    verdict(
        "en.not-wanted",
        3.5,
        "not what was wanted, or not a yes",
        _NOT
        + r" (?:quite |exactly |really )?(?:what (?:we|th(?:is|e) \w+|our \w+) (?:lacks?|is missing"
        r"|are missing|is short of|wants?|wanted|needs"
        r"|requires|need|needed|had in mind"
        r"|hoped for|were (?:hoping|looking))"
        r"|a yes\b|(?:been )?chosen\b|the strongest|(?:been )?picked\b)"
        r"|\bfit (?:wasn't|was not|isn't|is not) (?:quite )?there\b"
        r"|^(?:application )?not (?:selected|successful|shortlisted)\.?$",
        ("your cv wasn't quite what we wanted.", "we felt the fit wasn't there."),
        ("that is what we wanted.",),
    ),
    verdict(
        "en.stops-here",
        4.0,
        "the application stops here",
        r"\b(?:application|candidacy|process|journey)\b[^.;,]{0,16}?\b(?:stops|ends|finishes"
        r"|stopped|ended|closes) (?:here"
        r"|at this (?:stage|point)|now|there)\b"
        r"|\bbrings? (?:your|this|the|our) (?:\w+ )?(?:application|candidacy|process"
        r"|conversations?)\b[^.;]{0,12}?\b(?:end|close)\b"
        r"|\bremoved (?:you|your (?:application|profile|name|candidacy))\b(?: \w+)? from\b"
        r"|\b(?:job|place|spot|shift|vacancy)(?:'s| is| has)(?: now| already| sadly)? (?:gone"
        r"|taken)\b",
        ("your application stops here.", "that job's gone now, sorry."),
        ("the course ends here.",),
    ),
)
