//! What the words mean: one sentence a term, shown as a tooltip, with the paper where there is one.

/// τ.
pub const TEMPERATURE: &str = "Temperature τ divides every similarity: the smaller it is, the more the loss looks at the hardest pairs only (Khosla et al. 2020, arXiv:2004.11362, §3.2; Wang & Isola 2021, arXiv:2012.09740).";
/// Learning rate.
pub const LEARNING_RATE: &str = "Learning rate: how far the weights move at each step. It rises during the warm-up and then falls along a cosine.";
/// Its factor.
pub const LEARNING_RATE_FACTOR: &str = "Multiplies the scheduled learning rate from the next step on; the change is written into the run's log.";
/// Batch size.
pub const BATCH_SIZE: &str = "Batch size: images that are compared with each other in one step, before views. More images mean more negatives (Chen et al. 2020, arXiv:2002.05709).";
/// Length.
pub const LENGTH: &str =
    "How long the encoder trains: optimiser steps, or passes over the training images (epochs).";
/// Encoder.
pub const ENCODER: &str = "Encoder: the network whose features are wanted. \"tiny\" trains on any processor; the ResNets (He et al. 2016, arXiv:1512.03385) want a graphics card.";
/// Methods.
pub const METHODS: &str = "Each method trains its own encoder; all are evaluated in the same way, so that they can be compared.";
/// SupCon.
pub const SUPCON: &str = "Supervised contrastive learning, L_out: images of the same class attract, all others repel (Khosla et al. 2020, eq. 2).";
/// SupCon, L_in.
pub const SUPCON_IN: &str = "The variant with the sum over positives inside the logarithm; its gradient loses sight of the hardest positives (Khosla et al. 2020, eq. 3 and §3.2.2).";
/// SimCLR.
pub const SIMCLR: &str = "Self-supervised: only two views of the same image attract, labels are not used (NT-Xent; Chen et al. 2020, arXiv:2002.05709).";
/// Drop same class.
pub const DROP_SAME_CLASS: &str = "SimCLR with images of the anchor's class left out of the negatives: labels only keep same-class images from repelling (a control experiment of Khosla et al. 2020).";
/// N-pairs.
pub const N_PAIRS: &str = "N-pairs: one view of each image and one positive of its class, temperature 1 (Sohn 2016; Khosla et al. 2020, eq. 27).";
/// Sphere.
pub const SPHERE: &str = "The unit sphere of the three directions in which the embeddings vary most; drag to turn it. The embeddings themselves live on such a sphere, with more dimensions.";
/// Cross-entropy.
pub const CROSS_ENTROPY: &str =
    "The usual way: encoder and classifier are trained together to name the class. The baseline.";
/// Views.
pub const VIEWS: &str = "Views are randomly altered versions of an image. The network is asked to treat all views of an image, and with labels all views of a class, as the same.";
/// Crop.
pub const CROP: &str =
    "Random resized crop: the smallest share of the image's area that a view may show.";
/// Flip.
pub const FLIP: &str = "Probability that a view is mirrored left to right.";
/// Jitter.
pub const JITTER: &str = "Strength of random changes of brightness, contrast and saturation; the hue changes a quarter as much (Chen et al. 2020, appendix A).";
/// Gray.
pub const GRAYSCALE: &str = "Probability that a view loses its colours.";
/// Blur.
pub const BLUR: &str = "Probability that a view is blurred.";
/// Policy.
pub const POLICY: &str = "Further operations, drawn at random for each view: turning, shearing, equalising, solarising and others, as AutoAugment (Cubuk et al. 2019, arXiv:1805.09501) or RandAugment (Cubuk et al. 2020, arXiv:1909.13719) do it.";
/// Magnitude.
pub const POLICY_MAGNITUDE: &str = "How strong RandAugment's operations are, on the scale of its source: at the right end as strong as its tables go.";
/// Loss and its landmarks.
pub const LOSS: &str = "The loss in nats. Chance: a network that maps everything to one point; a loss that stays there has collapsed. Floor: the lowest that batch size and temperature allow (Graf et al. 2021, arXiv:2102.08817). MI bound: what two views at least know of each other, ln(n − 1) − NT-Xent (van den Oord et al. 2018, arXiv:1807.03748).";
/// kNN.
pub const KNN: &str = "kNN accuracy: the share of validation images whose nearest neighbours among the training images vote for the right class (Wu et al. 2018, arXiv:1805.01978).";
/// Linear.
pub const LINEAR: &str = "Linear evaluation: a linear classifier is trained on the frozen features and judged on the test images; brackets are 95 % bootstrap intervals over those images.";
/// Random encoder.
pub const RANDOM: &str = "The encoder as it was before any training: what any result has to beat.";
/// What an anchor is contrasted with.
pub const CONTRASTED: &str = "What takes the place of the batch here: images among which the anchor is contrasted, two views of each; the temperature; the similarity of two embeddings.";
/// P.
pub const PROBABILITY: &str =
    "P: the column's share of the anchor's denominator, a softmax over similarities divided by τ.";
/// X.
pub const TARGET: &str = "X: the share it should have. Under L_out every positive should have the same; under L_in each positive's target is its own softmax share among the positives.";
/// G.
pub const GRADIENT: &str = "Gradient weight (P − X)/τ over the number of anchors, times the power of ten in the title: negative pulls the pair together, positive pushes it apart (Khosla et al. 2020, eqs. 4 and 5).";
/// Hardness.
pub const HARDNESS: &str = "How strongly the pair pulls once the normalisation has removed the radial part; large for hard pairs, zero for easy positives (Khosla et al. 2020, appendix, eqs. 19–24).";
/// Histogram.
pub const HISTOGRAM: &str = "Cosine similarities between the watched images: an image's own two views, images of the same class, and images of other classes. Training moves the first two to the right.";
/// PCA.
pub const PCA: &str =
    "PCA: the two directions in which the points vary most. Linear and quick; far points are far.";
/// t-SNE.
pub const TSNE: &str = "t-SNE keeps near neighbours near; distances between groups mean little (van der Maaten & Hinton 2008).";
/// UMAP.
pub const UMAP: &str = "UMAP keeps near neighbours near and more of the large structure than t-SNE (McInnes et al. 2018, arXiv:1802.03426).";
/// Confusion.
pub const CONFUSION: &str = "Confusion matrix of the test images: rows are labels, columns what the classifier said. The diagonal is right.";
/// Watching.
pub const CADENCE: &str = "Steps between two pictures of the embedding; \"auto\" takes as many as fit into a tenth of the time.";
/// Throughput.
pub const THROUGHPUT: &str = "Training images a second, before views.";

/// Reliability.
pub const RELIABILITY: &str = "Reliability diagram: images by how sure the classifier is of its answer; each bar is the share of them it got right. Bars on the diagonal mean that its probabilities can be believed (Guo et al. 2017, arXiv:1706.04599).";
/// Expected calibration error.
pub const CALIBRATION_ERROR: &str = "Expected calibration error: how far accuracy and confidence are apart, averaged over the bars (Guo et al. 2017, arXiv:1706.04599, eq. 5).";
/// Negative log-likelihood.
pub const NEGATIVE_LOG_LIKELIHOOD: &str =
    "Mean −ln of the probability given to the right class, in nats; lower is better.";
/// Mistakes.
pub const MISTAKES: &str = "Images called by a wrong name, the surest answers first: often a wrong label, or two classes that look alike.";
/// Class mean.
pub const CLASS_MEAN: &str = "Nearest class mean: no training at all; an image gets the class whose mean feature is nearest.";
/// Paired difference.
pub const DIFFERENCE: &str = "Difference of linear top-1 on the same test images, with a paired 95 % bootstrap interval over images, seeds averaged; an interval without 0 is more than luck.";
/// Loss of an anchor.
pub const ANCHOR_LOSS: &str = "Loss of the image's first view as an anchor among the watched images, nats, under the loss that trains (Khosla et al. 2020, eqs. 2 and 3): large where its class is far or another is near.";
/// Confidence of kNN.
pub const CONFIDENCE: &str = "Share of the weighted votes of its nearest neighbours for what kNN says of the image (Wu et al. 2018, arXiv:1805.01978).";
/// Agreement of neighbours.
pub const AGREEMENT: &str = "Share of its nearest neighbours that are of the image's own class: 1 deep inside a class, 0 for an image that lies among others.";
/// Own view.
pub const OWN_VIEW: &str = "Cosine of the embeddings of the image's two views: 1 where the network has learnt to overlook the augmentation (alignment, Wang & Isola 2020, arXiv:2005.10242).";
/// Margin.
pub const MARGIN: &str = "Cosine with the mean direction of the image's class, less that with the nearest other class: below 0 the image lies nearer to another class than to its own.";
/// Colours.
pub const COLOR_BY: &str = "What the colour of a point tells: its label, what its nearest neighbours say (kNN), whether they are right, or a number. Shapes always tell the label.";
/// Linked maps.
pub const SIDE_BY_SIDE: &str = "The same images in every map: a click or an area drawn in one selects them in all. The time slider turns all films together.";
/// Memory.
pub const MEMORY: &str = "Memory of the program that trains, as the system counts it.";
