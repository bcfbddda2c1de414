"""English verdicts: another of the trade, set aside, too late, nobody at all, no support."""

from gateway.core.rules.rule import verdict

_NOT = r"(?:\bnot\b|n't\b|\bcannot\b|\bunable to\b|\bno longer\b|\bnever\b)"
_THING = (
    r"(?:(?:off|install|build|decorat|lett|matt|quart|ord|numb|summ|wint|cent|count|comput|print"
    r"|provid|suppli|manufactur"
    r"|brok|deal|carri|insur|lend|bidd|pap|corn|chapt|fold|filt|serv|us|contain|post|newslett"
    r"|regist"
    r"|semest|care|buy|cater|own|tow|answ|dinn|flow|cov|transf|remind|tend|partn|mann|pow|ev|ov|und"
    r"|aft|rath|lat|customer|earli|furth)er"
    r"|(?:vend|err|flo|do|col|fact|sect|mot|vect|sens|contract|invest|spons|horr|mirr|fav)o?u?r"
    r"|(?:cli|docum|ev|paym|appointm|elem|argum|statem|treatm|mom|instrum|segm|departm|agreem"
    r"|arrangem|assessm|cont|int|compon|incid|accid|assignm|requirem|tal|investm|equipm)ent"
    r"|(?:pl|gr|vari|restaur)ant|(?:templ|d|r|st|est|certific|pl|deb|upd|estim|g|l)ate"
    r"|(?:degr|f|coff|committ|tr|thr|s)ee|(?:l|checkl|tw|ex|cons)ist"
    r"|(?:proj|obj|subj|asp|eff|sel|exp|prosp)ect|candidate|applicant|colleague)s?\b"
)
_TRADE = (
    r"(?!" + _THING + r")[a-z-]{2,}(?:ant|ent|er|or|ist|ian|ate|ee|eer|eur|ect|man|men|woman|women"
    r"|guard|nurse|cook|chef|clerk|coach|intern|temp|actress|apprentice|hand)s?\b"
)
_PERSON = (
    r"(?:someone|somebody|(?:an?|the|one|another)(?: other)? (?:[\w-]+ ){0,2}?(?:person|candidate"
    r"|applicant|finalist|colleague|individual|profile))\b"
)
_NOT_YOUR_TASK = (
    r"(?<!you will )(?<!you'll )(?<!you will be )(?<!you'll be )(?<!you would be )(?<!you'd be )"
    r"(?<!you are )(?<!you're )"
)
_PAPERS = r"(?:profile|application|candidacy|candidature|name|cv|resume|portfolio|file)"

ASIDE_VERDICTS = (
    verdict(
        "en.another-of-the-trade",
        4.0,
        "another of the trade was engaged",
        r"\b(?:(?:gone|going|go|went)(?: ahead)? with|(?:proceed|mov)\w*(?: forward| ahead)? with"
        r"|sign(?:ed|ing)(?: with| up)?|commission\w*|engag(?:ed|ing)|contract(?:ed|ing)?(?: with)?"
        r"|hir(?:ed|ing|e)|appoint(?:ed|ing)?|recruit(?:ed|ing)?|cast|book(?:ed|ing)?"
        r"|(?:taken|took|taking|take) on|chos(?:en|e)|choosing|pick(?:ed|ing)?|retain(?:ed|ing)?"
        r"|" + _NOT_YOUR_TASK + r"work(?:ing)? with|settled on|opted for|decided (?:on|for))"
        r"(?: now| just| already)? (?:(?:the|one|two|three|four|five|six|several|some|a few|\d+) )?"
        r"(?:(?:an)?other|a different) (?:[\w-]+ ){0,2}?"
        + _TRADE
        + r"|\b(?:another|the other|a different) (?:[\w-]+ )?"
        + _TRADE
        + r" (?:got|won|took|secured|landed) (?:it|the|their|our)\b",
        (
            "in the end the editors are commissioning two other illustrators.",
            "so we will drop it and go ahead with another consultant.",
            "the clinic will be working with a different physiotherapist.",
        ),
        (
            "we have chosen another supplier.",
            "please choose another date.",
            "we hired another van.",
            "at the interview you will be working with another engineer.",
            "you'll work with another developer on a task.",
        ),
    ),
    verdict(
        "en.leaned-to-another",
        4.0,
        "those who chose leaned towards another",
        r"\b(?:lean(?:ed|t|ing)|tilt(?:ed|ing)|sw(?:ung|ayed)|tipp?(?:ed)?|gravitated|inclined"
        r"|c[ao]me down|edged)\b(?: \w+)? (?:towards?|to|in favou?r of|for|on the side of) "
        + _PERSON,
        (
            "the group leaned towards a person who has run a payments product.",
            "we came down in favour of an applicant with rail experience.",
        ),
        ("the ladder leaned towards the wall.",),
    ),
    verdict(
        "en.offer-not-sent",
        4.5,
        "no offer is sent or put",
        _NOT + r"[^.;,]{0,24}?\b(?:be an (?:\w+ )?offer\b(?! of (?:help|support))|(?:send|giv|writ)"
        r"(?:e|ing)? you an (?:\w+ )?offer\b|put(?:ting)? an offer (?:in front of|to|before) you)"
        r"(?! (?:yet|until|before|today|this week))"
        r"|\bhad hoped to (?:write|come back|call|ring|be writing)\b[^.;,]{0,16}?\boffer\b",
        ("so i won't be sending you an offer.", "there won't be an offer coming from us."),
        ("we will be sending you an offer.", "we cannot send you an offer yet."),
    ),
    verdict(
        "en.screened-out",
        4.25,
        "the reader was screened out or dropped",
        r"\b(?:you|your (?:\w+ )?" + _PAPERS + r")\b(?:(?!\bnot\b|n't\b|\bnever\b)[^.;,]){0,16}?"
        r"\b(?:were|was|been|is|are|got)\b(?! not)(?: \w+)? (?:(?:screened|sifted|filtered|weeded"
        r"|ruled|knocked|sorted|voted|whittled) out|eliminated|struck (?:off|from)|passed over"
        r"|deselected|dropped (?:from|out of|at|after))\b"
        r"|\b(?:drop(?:ped|ping)?|strik(?:e|ing)|struck|cut(?:ting)?) (?:you|your "
        + _PAPERS
        + r")\b(?: (?:for|from|off|out)\b|[.,;]|$)"
        r"|\b(?:tak(?:e|en|ing)|took) (?:you|your "
        + _PAPERS
        + r") (?:off|out of) (?:the|our) (?:\w+ )?(?:pile|list|running|process|pool|race"
        r"|shortlist)\b",
        (
            "you were screened out at the written examination.",
            "so we will have to drop your profile for this contract position.",
            "we've taken your application off the pile.",
        ),
        (
            "you were not screened out.",
            "drop your cv into the box by the door.",
            "take your name off the door.",
        ),
    ),
    verdict(
        "en.mismatched",
        3.5,
        "reader and post do not go together (mismatched)",
        r"\b(?:you|we|you're|we're|your [\w -]{2,40}?|the (?:role|job|position|post)[\w -]{0,24}?)"
        r" ?(?:is|are|was|were|seems?|looks?)? ?(?:\w+ )?(?:a |an )?(?:mismatched|mismatch"
        r"|misaligned"
        r"|ill-suited|unsuited|unsuitable|incompatible|out of step)\b"
        r"|\b(?:mismatch|gap|distance) between (?:you|your|what you|where you)\b",
        ("i think we're mismatched.", "your background is somewhat misaligned with the role."),
        ("there is a mismatch in the invoice.",),
    ),
    verdict(
        "en.spares-time",
        3.0,
        "the reader is spared useless interviews",
        r"(?:\brather not|n't want to|\bnot want to|\bnot wish to|n't be fair to|\bnot be fair to"
        r"|\bunfair to|\bno point (?:in )?) ?(?:wast|tak|us|claim|cost)(?:e|ing"
        r"|t)?(?: you)?(?: up)?"
        r"(?: any| any more| more)?(?: of)? (?:your |an? )(?:time|evenings?|holiday|day off)\b"
        r"|(?:\bnot|n't) see (?:the|any|much|a) (?:point|sense|use) (?:in|of) (?:another|a further"
        r"|an? (?:second|next|final)|interview|meeting|continu)\w*",
        (
            "you're in vancouver, so i'd rather not waste your time with interviews.",
            "i don't see the point in another round.",
        ),
        ("we don't want to waste time, so can you come tomorrow?",),
    ),
    verdict(
        "en.nobody-hired",
        4.0,
        "nobody is taken on",
        _NOT + r"(?: (?:be|currently|actually|now|going to|able to|in a position to|planning to"
        r"|looking to)){0,3} (?:tak|hir|bring|employ|recruit|add|appoint|engag)\w* (?:on |in )?"
        r"(?:anyone|anybody)\b(?! (?:else|yet|but you|other than|to|for a|with))"
        r"|\b(?:nobody|no[- ]one|none of (?:the|our) (?:applicants|candidates|finalists))"
        r" (?:was|were|has been|have been|will be|is being) (?:hired|appointed|selected|chosen"
        r"|taken on|offered|recruited)\b(?! (?:so far|yet))"
        r"|(?:\bnot|n't) (?:pick|choose|select|hire|appoint|shortlist) (?:any|either) of (?:the"
        r"|our)"
        r" (?:applicants|candidates|finalists|people)\b",
        (
            "and so we will not be taking anyone on, you included.",
            "in the end nobody was hired for the studio.",
        ),
        ("we have not hired anyone else.", "we are not taking anyone to the airport."),
    ),
    verdict(
        "en.not-deserved-care",
        3.0,
        "the reader could not be given the support that is due",
        _NOT + r"[^.;]{0,24}?\b(?:give|offer|provide|guarantee)\b[^.;,]{0,40}?\bthe (?:[\w-]+ )?"
        r"(?:mentoring|support|supervision|attention|guidance|training|time|scope)"
        r" (?:that )?(?:you|s?he|they) (?:\w+ )?(?:deserves?|needs?|requires?)\b",
        ("we don't feel we can give a young architect the mentoring she deserves this year.",),
        ("we give you the training you need.",),
    ),
    verdict(
        "en.ended-with-another",
        4.25,
        "it ended with another signing",
        r"\b(?:wrapped up|ended(?: up)?|closed|concluded|finished|came to an end"
        r"|resulted) (?:with|in)"
        r" (?:(?:another|a different|an internal|the other|one of the other) [^.;,]{0,30}?"
        r"(?:accept|hire|sign|tak|gett|be|start|appoint|join|cho)\w*|(?:someone|somebody)(?: else)?"
        r" (?:accepting|signing|taking|getting|being|starting|joining)|an? (?:internal|external)"
        r" (?:hire|appointment|candidate|move|transfer))\b"
        r"|\bsilver[- ]medal\w*",
        (
            "the loop wrapped up with another candidate accepting.",
            "the search concluded with an internal hire.",
        ),
        ("the tour ended with another talk.", "the year ended with a hire."),
    ),
    verdict(
        "en.signed-by-another",
        4.25,
        "another signed or accepted",
        r"\bsign(?:ed|ing) (?:with |up )?(?:(?:the|an|another|a) (?:other |internal |different"
        r"|external |stronger )?(?:candidate|applicant|finalist|person|colleague)|someone"
        r"|somebody)\b"
        r"|\b(?:the other|another|our other|the internal) (?:candidate|finalist|applicant|person)"
        r" (?:has |have )?(?:now |already |just )?(?:signed|accepted(?! (?:a|an|another) )"
        r"|said yes|agreed to)\b"
        r"|\b(?:someone|somebody) else's (?:contract|offer)\b[^.;,]{0,16}?\b(?:signed|accepted"
        r"|out|made)\b",
        (
            "the director has meanwhile signed with the internal candidate.",
            "the other finalist signed yesterday.",
        ),
        ("the other candidate will be interviewed on friday.",),
    ),
    verdict(
        "en.sent-to-refused",
        4.25,
        "this mail goes to those who were not chosen",
        r"\b(?:(?:message|e-?mail|mail|note|letter)\b[^.;]{0,16}?\b(?:goes|going|sent|addressed"
        r"|went)(?: out)?|(?:we are|we're|i am"
        r"|i'm) writing)(?: only)? to [^.;]{0,30}?(?:\bwe (?:did"
        r"|have|could|can|will|are|were) ?(?:not|n't) (?:be |able to )?(?:select|choos|chose"
        r"|shortlist"
        r"|invit|tak|hir|offer|interview)\w*|\b(?:not|n't) (?:been |being |be )?(?:selected|chosen"
        r"|shortlisted|invited|successful|hired|interviewed|offered))\b(?! (?:yet|so far))",
        (
            "this message goes to everyone we did not select.",
            "we are writing to all candidates who will not be interviewed.",
        ),
        (
            "this message goes to everyone we invited.",
            "we are writing to all candidates who have not been interviewed yet.",
        ),
    ),
    verdict(
        "en.came-too-late",
        3.75,
        "the choice was made before the application came",
        r"\b(?:by the time|when|before) you(?:r [\w-]+)?\b[^.;]{0,20}?\b(?:arrived|came in|came"
        r"|reached us|applied|wrote)\b[^.;]{0,16}?\b(?:had (?:already )?(?:made (?:our|the|a|an)"
        r" (?:choice|decision|offer)|chosen|decided|hired|filled|found|offered|signed|closed)"
        r"|was (?:already )?(?:gone|filled|taken|closed))\b"
        r"|\byou(?:r [\w-]+)? (?:applied|wrote|arrived|came in|came)\b[^.;]{0,20}?\bafter (?:we|the"
        r" (?:post|role|job|position|place))\b[^.;]{0,10}?\b(?:made an offer|filled|hired|chose"
        r"|offered|was (?:filled|gone|taken)|had been filled)\b"
        r"|\bhave our (?:person|candidate|hire|man|woman|new [\w-]+)\b(?! (?:come|call|in|on|meet))"
        r"|\bthe (?:chair|seat|desk|bench)(?:'s| is| was)(?: now| already)? (?:taken|gone"
        r"|filled)\b",
        (
            "by the time your cv arrived we had made our choice.",
            "you applied a day after we made an offer.",
        ),
        ("you applied after we spoke.", "we will have our person call you."),
    ),
    verdict(
        "en.no-backing",
        3.0,
        "the application found no support",
        r"(?:\bnot|n't) (?:get|rally|unite) behind (?:the|your|this|you)\b"
        r"|\b(?:votes?|support|enthusiasm|consensus|budget|money|backing|appetite)"
        r" (?:wasn't|weren't|was not|were not|isn't|is not) (?:quite )?there\b"
        r"|\b(?:fought|argued|pushed|lobbied|made the case) for you\b[^.;]{0,30}?\b(?:lost|avail"
        r"|didn't|couldn't|failed|success|enough|outvoted|overruled)\b"
        r"|\b(?:answer|reply|decision|verdict|outcome)\b[^.;]{0,24}?\b(?:came back|has come back"
        r"|turned out|was|is) (?:as )?(?:a )?(?:negative|unfavou?rable)\b"
        r"|\blet (?:this|that) (?:one|application) go\b"
        r"|\b(?:have to|must|need to) (?:stop|leave it|halt|end it|end things) (?:here|there"
        r"|at this"
        r" (?:point|stage))\b",
        (
            "the committee could not get behind the application.",
            "the answer from the board came back negative.",
        ),
        ("get behind the line, please.", "the test came back negative."),
    ),
    verdict(
        "en.not-to-panel",
        3.75,
        "no panel, no second interview, on without the reader",
        r"(?:\bnot|n't) be going (?:to|before|forward to) (?:the |our |a )?(?:panel|interviews?"
        r"|final"
        r"|next|second|committee)\b"
        r"|(?:\bnot|n't) be hearing from (?:us|me) about (?:an?|the) (?:second|next|further|final"
        r"|interview|offer)\b"
        r"|\b(?:search|process|project|recruitment|hiring)\b[^.;]{0,16}?\b(?:continu|go on|goes on"
        r"|carr|go ahead|goes ahead|proceed)\w*(?: on)? without you\b"
        r"|(?:\bnot|n't|\bunable to)(?: be)? invit(?:e|ing) you back\b"
        r"|\b(?:appoint|hire|recruit|fill|promot|source)\w*(?: (?:it|this|the (?:role|post"
        r"|position)))? internally\b"
        r"|\bask you to look (?:elsewhere|for (?:another|a different|something else))\b"
        r"|\b(?:our )?(?:paths|ways) (?:part|diverge|separate)\b",
        (
            "your application will not be going to panel.",
            "our search will continue without you, i'm afraid.",
        ),
        ("you will be going to panel.", "we can't do it without you."),
    ),
)
