"""The words of docs/tables.md."""

INTRODUCTION = """# Tables: a VAE beside simple models

Is a VAE worth it for a table of some hundred rows? This page measures it against models that take a second
to fit. What speaks for the VAE is that one model takes numbers, counts, labels and holes, and that its
[kinds](reference/tables.md) of columns are inferred. What speaks against it stands under
"Where the VAE loses".

Made by `make tables`. Figures are of test rows, a quarter of each table."""

SETS = """## The tables

| table | rows | columns |
|---|---|---|
| penguins | 344, with 19 holes | 4 numbers, 4 of labels |
| wine | 178 | 13 numbers; the cultivar is left out |
| breast cancer | 569 | 30 numbers, many of them nearly functions of others; the class is left out |
| cells | 1,200, drawn anew for each seed | 40 counts; three types of cell, log-normal sizes, r = 2 |

The VAE has one recipe: two hidden layers of 64, batches of 32, Adam at 3e-3 with a cosine decay, KL warm-up
over 40% of the epochs. Only the numbers of latents and epochs differ. They were set after a look at
another split (seed 100), and not tuned:"""

DENSITY = """## Log p(x)

Nats a row, in the units of the data: densities of lengths in mm, of grams, of counts. So the tables do not
compare with each other, and models of one table do. Of a VAE it is the importance-weighted bound with 1,000
samples. An empty cell: the model has no density for labels or counts. The number of components or
factors of the peers is the best on a fifth of the training rows."""

LOSSES = """## Where the VAE loses

Each model or method that is ahead of the VAE in the mean over the splits, from the tables above:"""

HOLES = """## Holes filled

A fifth of the values is taken away, in training rows and test rows, and on top of the holes that were there.
All methods train on rows with holes. Then they fill those of the test rows. The error is the root of the
mean square, in standard deviations of the training rows; of logarithms where a column is positive, and of
log(1 + count) for counts."""

LABELS = """The penguins' labels (species, island, sex, year), and the fraction of them filled rightly:"""

GROUPS = """## No mapping finds "the" groups of a table

Wine comes from three cultivars, which no model saw. `Clusters(3)` makes three parts that are good for the
likelihood. They need not be those three. If groups are what you want, start with KMeans:"""

MEASURED = """## How it was measured

- Real and positive columns are standardised for all models alike (logarithms, if positive), by the training
  rows; log p is brought back to the data's units by the change of variables.
- Independent columns: normal, log-normal, negative binomial or label frequencies. Mixture: the same within
  each component.
- Full covariance: shrunk by Ledoit and Wolf's rule. Factor analysis, nearest rows and regressions in turn:
  scikit-learn's, `IterativeImputer` with 20 rounds. Labels are columns of 0 and 1, the first left out:
  with all of them the regressions never leave the most frequent label.
- The truth for cells: the sum over types and the integral over sizes, by quadrature."""
