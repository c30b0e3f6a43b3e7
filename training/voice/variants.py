"""espeak-ng's voice variants that sound like a person; whispers, croaks and robots are left out."""

VARIANTS_UNSEEN = ("m7", "f4", "Mike", "linda", "Zac", "steph", "Lee", "anika")
"""The demo recogniser never hears these in training, nor variants made from them (steph2, steph3, anikaRobot)."""

VARIANTS_SEEN = (
    *("", "m1", "m2", "m3", "m4", "m5", "m6", "m8", "f1", "f2", "f3", "f5"),
    *("Alex", "Alicia", "Andrea", "Andy", "Annie", "Denis", "Diogo", "Gene", "Gene2", "Henrique", "Hugo", "Jacky"),
    *("Marco", "Mario", "Michael", "Nguyen", "adam", "antonio", "aunty", "belinda", "benjamin", "boris", "caleb"),
    *("david", "ed", "edward", "edward2", "grandma", "grandpa", "gustave", "iven", "iven2", "iven3", "iven4", "john"),
    *("kaukovalta", "klatt", "klatt2", "klatt3", "klatt4", "marcelo", "max", "michel", "miguel", "norbert", "pablo"),
    *("paul", "pedro", "quincy", "rob", "robert", "sandro", "shelby", "travis", "victor"),
)
